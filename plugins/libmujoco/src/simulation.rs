//! A simulation of a model: its numbers as slices, its steps, and its state to be kept.

use std::ffi::{c_int, c_void};
use std::ptr::null_mut;
use std::sync::Arc;

use plugin_api::{Error, Result};

use crate::library::Library;
use crate::model::Model;
use crate::offsets as place;

/// A state of a model. A thread at a time may use it.
#[derive(Debug)]
pub struct Simulation {
    model: Arc<Model>,
    pub(crate) at: *mut c_void,
}

// SAFETY: the library keeps nothing of a simulation in the thread that made it.
unsafe impl Send for Simulation {}

/// Numbers of a simulation, by the names that MuJoCo gives them.
#[expect(missing_docs, reason = "they are MuJoCo's words, explained in its documentation")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    Qpos,
    Qvel,
    Ctrl,
    Xpos,
    Xquat,
    Xipos,
    Cinert,
    Cvel,
    CfrcExt,
    QfrcActuator,
    QfrcConstraint,
    SiteXpos,
    SiteXmat,
    GeomXpos,
    GeomXmat,
    MocapPos,
    MocapQuat,
}

/// What a state consists of: everything that the next step depends on.
const INTEGRATION: c_int = (1 << 14) - 1;

impl Simulation {
    /// A simulation in the initial state of the model.
    pub fn new(model: Arc<Model>) -> Self {
        // SAFETY: the model is loaded.
        let at = unsafe { (model.library.make_data)(model.at) };
        assert!(!at.is_null(), "MuJoCo found no memory for a simulation");
        Self { model, at }
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// Back to the initial state.
    pub fn reset(&mut self) {
        self.act(|library| library.reset_data);
    }

    /// A step of the simulation.
    pub fn step(&mut self) {
        self.act(|library| library.step);
    }

    /// Computes everything that follows from coordinates and velocities.
    pub fn forward(&mut self) {
        self.act(|library| library.forward);
    }

    /// Computes where bodies and shapes are.
    pub fn kinematics(&mut self) {
        self.act(|library| library.kinematics);
    }

    /// Computes the forces between bodies that the last step brought.
    pub fn rne_post_constraint(&mut self) {
        self.act(|library| library.rne_post_constraint);
    }

    /// How the place and the turn of a site change with the velocities: two times three rows.
    pub fn site_jacobian(&self, site: usize, place: &mut [f64], turn: &mut [f64]) {
        let len = 3 * self.model.nv;
        assert!(site < self.model.sites && place.len() == len && turn.len() == len);
        let Model { library, at, .. } = *self.model;
        // SAFETY: the site is one of the model's, and there is room for three rows each.
        unsafe {
            let room = (place.as_mut_ptr(), turn.as_mut_ptr());
            (library.site_jacobian)(at, self.at, room.0, room.1, site as c_int);
        }
    }

    fn act(
        &mut self,
        function: fn(&Library) -> unsafe extern "C-unwind" fn(*const c_void, *mut c_void),
    ) {
        // SAFETY: model and simulation belong together and live.
        unsafe { function(self.model.library)(self.model.at, self.at) };
    }

    fn whereabouts(&self, numbers: Numbers) -> (usize, usize) {
        let Model { nq, nv, nu, bodies, geoms, sites, mocaps, .. } = *self.model;
        match numbers {
            Numbers::Qpos => (place::DATA_QPOS, nq),
            Numbers::Qvel => (place::DATA_QVEL, nv),
            Numbers::Ctrl => (place::DATA_CTRL, nu),
            Numbers::Xpos => (place::DATA_XPOS, 3 * bodies),
            Numbers::Xquat => (place::DATA_XQUAT, 4 * bodies),
            Numbers::Xipos => (place::DATA_XIPOS, 3 * bodies),
            Numbers::Cinert => (place::DATA_CINERT, 10 * bodies),
            Numbers::Cvel => (place::DATA_CVEL, 6 * bodies),
            Numbers::CfrcExt => (place::DATA_CFRC_EXT, 6 * bodies),
            Numbers::QfrcActuator => (place::DATA_QFRC_ACTUATOR, nv),
            Numbers::QfrcConstraint => (place::DATA_QFRC_CONSTRAINT, nv),
            Numbers::SiteXpos => (place::DATA_SITE_XPOS, 3 * sites),
            Numbers::SiteXmat => (place::DATA_SITE_XMAT, 9 * sites),
            Numbers::GeomXpos => (place::DATA_GEOM_XPOS, 3 * geoms),
            Numbers::GeomXmat => (place::DATA_GEOM_XMAT, 9 * geoms),
            Numbers::MocapPos => (place::DATA_MOCAP_POS, 3 * mocaps),
            Numbers::MocapQuat => (place::DATA_MOCAP_QUAT, 4 * mocaps),
        }
    }

    /// Numbers as they are now.
    #[inline]
    pub fn get(&self, numbers: Numbers) -> &[f64] {
        let (offset, len) = self.whereabouts(numbers);
        if len == 0 {
            return &[];
        }
        // SAFETY: at this place the struct points to as many doubles, which live as long as it.
        unsafe {
            std::slice::from_raw_parts(self.at.byte_add(offset).cast::<*const f64>().read(), len)
        }
    }

    /// Numbers to be changed.
    #[inline]
    pub fn get_mut(&mut self, numbers: Numbers) -> &mut [f64] {
        let (offset, len) = self.whereabouts(numbers);
        if len == 0 {
            return &mut [];
        }
        // SAFETY: as above, and whoever holds the simulation mutably is alone.
        unsafe {
            std::slice::from_raw_parts_mut(self.at.byte_add(offset).cast::<*mut f64>().read(), len)
        }
    }

    /// Everything that the next step depends on.
    pub fn save(&self) -> Vec<f64> {
        let Model { library, at, .. } = *self.model;
        // SAFETY: the model is loaded.
        let len = unsafe { (library.state_size)(at, INTEGRATION) };
        let mut state = vec![0.0; len as usize];
        // SAFETY: there is room for as many numbers as the library asked for.
        unsafe { (library.get_state)(at, self.at, state.as_mut_ptr(), INTEGRATION) };
        state
    }

    /// Goes back to a state that was saved; it must be as long as those of this model.
    pub fn load(&mut self, state: &[f64]) -> Result<()> {
        let Model { library, at, .. } = *self.model;
        // SAFETY: the model is loaded.
        let len = unsafe { (library.state_size)(at, INTEGRATION) };
        if state.len() != len as usize {
            return Err(Error::argument(format!(
                "the saved simulation has {} numbers, this model {len}; it is of another model",
                state.len()
            )));
        }
        // SAFETY: there are as many numbers as the library reads.
        unsafe { (library.set_state)(at, self.at, state.as_ptr(), INTEGRATION) };
        Ok(())
    }
}

impl Clone for Simulation {
    fn clone(&self) -> Self {
        let Model { library, at, .. } = *self.model;
        // SAFETY: without a place to copy to, the library makes one.
        let copy = unsafe { (library.copy_data)(null_mut(), at, self.at) };
        assert!(!copy.is_null(), "MuJoCo found no memory for a simulation");
        Self { model: self.model.clone(), at: copy }
    }
}

impl Drop for Simulation {
    fn drop(&mut self) {
        // SAFETY: the simulation came from the library and nobody uses it any more.
        unsafe { (self.model.library.delete_data)(self.at) };
    }
}
