//! Lanes of an environment as a host holds them: rows between canaries, actions drawn from the
//! space, and what each lane lived through.

use super::fence::Fenced;
use super::{Stop, ensure};
use crate::abi::handle::{EnvHandle, ResetFrame, StepFrame};
use crate::abi::rows::{cast, cast_mut};
use crate::abi::types::reset;
use crate::element::{Dtype, Element};
use crate::space::SpaceSampler;
use crate::task::Task;

/// What one lane sees after a reset or a step.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) obs: Vec<f64>,
    /// Empty unless the episode ended.
    pub(super) final_obs: Vec<f64>,
    pub(super) action: Vec<f64>,
    pub(super) reward: f64,
    pub(super) flags: u8,
    pub(super) mask: Vec<u8>,
    pub(super) final_mask: Vec<u8>,
    pub(super) infos: Vec<f64>,
}

impl Moment {
    pub(super) fn ended(&self) -> bool {
        self.flags != 0
    }

    /// What the action led to: of an end, its final observation.
    pub(super) fn next_obs(&self) -> &[f64] {
        if self.ended() { &self.final_obs } else { &self.obs }
    }

    /// The first difference between two moments that should be equal, bit for bit.
    pub(super) fn difference(&self, other: &Self) -> Option<String> {
        let rows: [(&str, &[f64], &[f64]); 5] = [
            ("observation", &self.obs, &other.obs),
            ("final observation", &self.final_obs, &other.final_obs),
            ("reward", &[self.reward], &[other.reward]),
            ("info", &self.infos, &other.infos),
            ("action", &self.action, &other.action),
        ];
        if self.flags != other.flags {
            return Some(format!("its flags are {} and {}", self.flags, other.flags));
        }
        if (&self.mask, &self.final_mask) != (&other.mask, &other.final_mask) {
            return Some(format!("its masks are {:?} and {:?}", self.mask, other.mask));
        }
        let differs = |(what, a, b): (&str, &[f64], &[f64])| {
            let idx = a.iter().zip(b).position(|(a, b)| a.to_bits() != b.to_bits())?;
            let (a, b) = (a[idx], b[idx]);
            Some(format!("element {idx} of its {what} is {a:?} and {b:?}"))
        };
        rows.into_iter().find_map(differs)
    }
}

/// A lane to go back to.
#[derive(Clone, Debug)]
pub(super) struct Saved {
    pub(super) state: Vec<u8>,
    obs: Vec<u8>,
    mask: Vec<u8>,
    infos: Vec<u8>,
    /// Mask and infos of that moment, when asked for; after an end, `infos` are still those of the
    /// end.
    look: (Vec<u8>, Vec<u8>),
    sampler: Option<SpaceSampler>,
}

/// Lanes with their rows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) env: EnvHandle,
    pub(super) task: Task,
    pub(super) lanes: usize,
    actions: Fenced,
    obs: Fenced,
    final_obs: Fenced,
    rewards: Fenced,
    flags: Fenced,
    masks: Fenced,
    final_masks: Fenced,
    infos: Fenced,
    /// Draws the actions of each lane.
    samplers: Vec<Option<SpaceSampler>>,
    /// Lanes that the latest step said had ended.
    pub(super) ended: usize,
}

/// What rows hold that must not be written, or must be.
const POISON: u8 = 0x5a;

impl World {
    pub(super) fn new(env: EnvHandle) -> Self {
        let (task, lanes) = (env.task().clone(), env.lanes());
        let rows = |bytes: usize| Fenced::new(lanes * bytes);
        let obs = task.observations.width() * task.observations.dtype().size();
        Self {
            actions: rows(task.actions.width() * task.actions.dtype().size()),
            obs: rows(obs),
            final_obs: rows(obs),
            rewards: rows(8),
            flags: rows(1),
            masks: rows(task.mask_width()),
            final_masks: rows(task.mask_width()),
            infos: rows(8 * task.infos.len()),
            samplers: vec![None; lanes],
            ended: 0,
            env,
            task,
            lanes,
        }
    }

    /// Starts an episode in every lane; seeds the draws of its actions, too.
    pub(super) fn seed(&mut self, seeds: &[u64]) -> Result<Vec<Moment>, Stop> {
        self.actions.bytes_mut().fill(0);
        self.reset(&vec![reset::SEED; self.lanes], seeds)?;
        for (sampler, &seed) in self.samplers.iter_mut().zip(seeds) {
            *sampler = Some(SpaceSampler::new(&self.task.actions, seed)?);
        }
        Ok(self.moments())
    }

    /// Starts episodes in some lanes.
    pub(super) fn reset(&mut self, which: &[u8], seeds: &[u64]) -> Result<(), Stop> {
        let (mask, info) = (self.task.mask_width(), 8 * self.task.infos.len());
        for lane in (0..self.lanes).filter(|&lane| which[lane] != reset::KEEP) {
            self.masks.row_mut(lane, mask).fill(POISON);
            self.infos.row_mut(lane, info).fill(0xff);
        }
        self.flags.bytes_mut().fill(0);
        self.rewards.bytes_mut().fill(0);
        self.env.reset(ResetFrame {
            which,
            seeds,
            obs: self.obs.bytes_mut(),
            masks: self.masks.bytes_mut(),
            infos: self.infos.numbers_mut(),
        })?;
        self.check_fences("a reset")
    }

    /// Draws an action for each lane, under its mask.
    pub(super) fn draw(&mut self) {
        let dtype = self.task.actions.dtype();
        let (action, mask) = (self.actions.bytes().len() / self.lanes, self.task.mask_width());
        for (lane, sampler) in self.samplers.iter_mut().enumerate() {
            let sampler = sampler.as_mut().expect("lanes are seeded before they step");
            let mask = (mask > 0).then(|| self.masks.row(lane, mask));
            draw(sampler, dtype, mask, self.actions.row_mut(lane, action));
        }
    }

    /// Takes this action in a lane.
    pub(super) fn set_action(&mut self, lane: usize, values: &[f64]) {
        let dtype = self.task.actions.dtype();
        let width = self.actions.bytes().len() / self.lanes;
        put(dtype, values, self.actions.row_mut(lane, width));
    }

    /// Takes the actions that were set or drawn in every lane.
    pub(super) fn step(&mut self) -> Result<Vec<Moment>, Stop> {
        for rows in [&mut self.final_obs, &mut self.masks, &mut self.final_masks] {
            rows.bytes_mut().fill(POISON);
        }
        self.flags.bytes_mut().fill(POISON);
        // Every bit set is a float that is no number.
        self.rewards.bytes_mut().fill(0xff);
        self.infos.bytes_mut().fill(0xff);
        self.ended = self.env.step(StepFrame {
            actions: self.actions.bytes(),
            obs: self.obs.bytes_mut(),
            final_obs: self.final_obs.bytes_mut(),
            rewards: self.rewards.numbers_mut(),
            flags: self.flags.bytes_mut(),
            masks: self.masks.bytes_mut(),
            final_masks: self.final_masks.bytes_mut(),
            infos: self.infos.numbers_mut(),
        })?;
        self.check_fences("a step")?;
        Ok(self.moments())
    }

    /// Takes drawn actions for some steps: what every lane lived through, step by step.
    pub(super) fn play(&mut self, steps: usize) -> Result<Vec<Vec<Moment>>, Stop> {
        let step = |step| {
            self.draw();
            self.step().map_err(|stop| stop.while_(format_args!("step {step}")))
        };
        (1..=steps).map(step).collect()
    }

    /// Whether rows of lanes that did not end were left alone.
    pub(super) fn left_alone(&self, lane: usize) -> bool {
        let width = self.obs.bytes().len() / self.lanes;
        self.final_obs.row(lane, width).iter().all(|&byte| byte == POISON)
    }

    /// Everything of a lane that a host keeps.
    pub(super) fn save(&mut self, lane: usize) -> Result<Saved, Stop> {
        let look = self.look(lane)?;
        let row = |rows: &Fenced| rows.row(lane, rows.bytes().len() / self.lanes).to_vec();
        ensure!(
            look.0 == row(&self.masks),
            "lane {lane}: the mask is {:?}, when asked again {:?}",
            row(&self.masks),
            look.0
        );
        Ok(Saved {
            look,
            obs: row(&self.obs),
            mask: row(&self.masks),
            infos: row(&self.infos),
            sampler: self.samplers[lane].clone(),
            state: self.env.save(lane)?,
        })
    }

    /// Goes on in a lane where another one was saved.
    pub(super) fn load(&mut self, lane: usize, saved: &Saved) -> Result<(), Stop> {
        self.env.load(lane, &saved.state)?;
        let lanes = self.lanes;
        let rows = [
            (&mut self.obs, &saved.obs),
            (&mut self.masks, &saved.mask),
            (&mut self.infos, &saved.infos),
        ];
        for (rows, row) in rows {
            let width = rows.bytes().len() / lanes;
            rows.row_mut(lane, width).copy_from_slice(row);
        }
        self.samplers[lane].clone_from(&saved.sampler);
        Ok(())
    }

    /// Whether a lane shows the mask and the infos that it showed when it was saved.
    pub(super) fn looks_like(&mut self, lane: usize, saved: &Saved) -> Result<bool, Stop> {
        Ok(self.look(lane)? == saved.look)
    }

    /// Mask and infos of a lane, when asked for.
    fn look(&mut self, lane: usize) -> Result<(Vec<u8>, Vec<u8>), Stop> {
        let mut mask = vec![POISON; self.task.mask_width()];
        let mut infos = Fenced::new(8 * self.task.infos.len());
        self.env.look(lane, &mut mask, infos.numbers_mut())?;
        Ok((mask, infos.bytes().to_vec()))
    }

    /// What every lane sees now.
    pub(super) fn moments(&self) -> Vec<Moment> {
        (0..self.lanes).map(|lane| self.moment(lane)).collect()
    }

    fn moment(&self, lane: usize) -> Moment {
        let flags = self.flags.bytes()[lane];
        let obs = |rows: &Fenced| {
            let row = rows.row(lane, rows.bytes().len() / self.lanes);
            values(self.task.observations.dtype(), row)
        };
        let mask = |rows: &Fenced| rows.row(lane, self.task.mask_width()).to_vec();
        let infos = self.task.infos.len();
        let action = self.actions.bytes().len() / self.lanes;
        Moment {
            obs: obs(&self.obs),
            final_obs: if flags != 0 { obs(&self.final_obs) } else { Vec::new() },
            action: values(self.task.actions.dtype(), self.actions.row(lane, action)),
            reward: self.rewards.numbers::<f64>()[lane],
            flags,
            mask: mask(&self.masks),
            final_mask: if flags != 0 { mask(&self.final_masks) } else { Vec::new() },
            infos: self.infos.numbers::<f64>()[lane * infos..][..infos].to_vec(),
        }
    }

    fn check_fences(&self, call: &str) -> Result<(), Stop> {
        let rows = [
            ("actions", &self.actions),
            ("observations", &self.obs),
            ("final observations", &self.final_obs),
            ("rewards", &self.rewards),
            ("flags", &self.flags),
            ("masks", &self.masks),
            ("final masks", &self.final_masks),
            ("infos", &self.infos),
        ];
        let broken = rows.into_iter().find(|(_, rows)| !rows.is_intact());
        match broken {
            Some((what, _)) => Err(Stop::failed(format!("{call} wrote beside its rows of {what}"))),
            None => Ok(()),
        }
    }
}

/// Compares what two worlds lived through, lane by lane and step by step.
pub(super) fn same(
    first: &[Vec<Moment>],
    second: &[Vec<Moment>],
    names: (&str, &str),
) -> Result<(), Stop> {
    for (step, (a, b)) in first.iter().zip(second).enumerate() {
        for (lane, (a, b)) in a.iter().zip(b).enumerate() {
            if let Some(difference) = a.difference(b) {
                let (one, other) = names;
                ensure!(false, "lane {lane} at step {}: {difference}, {one} and {other}", step + 1);
            }
        }
    }
    Ok(())
}

fn draw(sampler: &mut SpaceSampler, dtype: Dtype, mask: Option<&[u8]>, row: &mut [u8]) {
    fn each<T: Element>(sampler: &mut SpaceSampler, mask: Option<&[u8]>, row: &mut [u8]) {
        let row = cast_mut::<T>(row, "actions").expect("rows of words are aligned");
        sampler.sample(mask, row);
    }
    match dtype {
        Dtype::F32 => each::<f32>(sampler, mask, row),
        Dtype::F64 => each::<f64>(sampler, mask, row),
        Dtype::I64 => each::<i64>(sampler, mask, row),
        Dtype::U8 => each::<u8>(sampler, mask, row),
    }
}

/// Writes numbers into a row of a type known at run time.
pub(super) fn put(dtype: Dtype, values: &[f64], row: &mut [u8]) {
    fn each<T: Element>(values: &[f64], row: &mut [u8]) {
        let row = cast_mut::<T>(row, "actions").expect("rows of words are aligned");
        for (place, &value) in row.iter_mut().zip(values) {
            *place = T::from_f64(value);
        }
    }
    match dtype {
        Dtype::F32 => each::<f32>(values, row),
        Dtype::F64 => each::<f64>(values, row),
        Dtype::I64 => each::<i64>(values, row),
        Dtype::U8 => each::<u8>(values, row),
    }
}

/// The numbers of a row of a type known at run time.
fn values(dtype: Dtype, row: &[u8]) -> Vec<f64> {
    fn each<T: Element>(row: &[u8]) -> Vec<f64> {
        let row = cast::<T>(row, "rows").expect("rows of words are aligned");
        row.iter().map(|value| value.to_f64()).collect()
    }
    match dtype {
        Dtype::F32 => each::<f32>(row),
        Dtype::F64 => each::<f64>(row),
        Dtype::I64 => each::<i64>(row),
        Dtype::U8 => each::<u8>(row),
    }
}
