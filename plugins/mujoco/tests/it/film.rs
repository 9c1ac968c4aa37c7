//! Pictures that MuJoCo draws for films.

use std::collections::BTreeSet;
use std::sync::Arc;

use libmujoco::studio::{SIZE, Shot};
use libmujoco::{Model, Numbers, Simulation};
use mujoco::half_cheetah::HalfCheetah;
use mujoco::simulated::Simulated;
use plugin_api::abi::local::local;
use plugin_api::abi::module::{AgentExport, EnvExport, Exports};
use plugin_api::params::Values;

use crate::is_here;

const SHOT: Shot =
    Shot { look_at: [0.0, 0.0, 0.5], distance: 3.0, azimuth: 90.0, elevation: -10.0 };

/// A picture, where the machine can draw.
#[expect(clippy::print_stdout, reason = "the suite counts what was skipped by this line")]
fn picture(now: &mut Simulation) -> Option<Vec<u8>> {
    match now.picture(&SHOT) {
        Ok(pixels) => Some(pixels),
        Err(error) => {
            println!("skipped: EGL is not installed ({error})");
            None
        }
    }
}

#[test]
fn a_picture_shows_a_moment() {
    if !is_here() {
        return;
    }
    let model = Model::load("half_cheetah.xml").expect("the model is here");
    let mut now = Simulation::new(Arc::new(model));
    now.forward();
    let Some(first) = picture(&mut now) else { return };
    assert_eq!(first.len(), 3 * SIZE.0 as usize * SIZE.1 as usize);
    let colors: BTreeSet<_> = first.chunks_exact(3).collect();
    assert!(colors.len() > 50, "{} colors", colors.len());

    // Another thread may draw, and the same moment looks the same.
    let again = std::thread::scope(|scope| scope.spawn(|| picture(&mut now)).join());
    assert_eq!(again.expect("no panic").as_ref(), Some(&first));

    now.get_mut(Numbers::Qpos)[0] += 0.5;
    now.forward();
    let moved = picture(&mut now).expect("it could be drawn before");
    let pairs = || first.chunks_exact(3).zip(moved.chunks_exact(3));
    let changed = pairs().filter(|(a, b)| a != b).count();
    assert!(changed > 1000, "{changed} pixels");
}

/// A plugin of one world.
struct Cheetah;

impl Exports for Cheetah {
    const CRATE: (&'static str, &'static str) = ("cheetah", "1.0.0");
    const ENVS: &'static [EnvExport] = &[EnvExport::each::<Simulated<HalfCheetah>>()];
    const AGENTS: &'static [AgentExport] = &[];
}

#[test]
fn films_show_pixels_and_terminals_shapes() {
    if !is_here() {
        return;
    }
    let plugin = local::<Cheetah>().expect("it is one");
    let mut env = plugin.env("HalfCheetah-v5", &Values::new(), 1).expect("the model is here");
    let shapes = env.render(0).expect("it can be drawn").expect("there is something to see");
    assert!(shapes.frame.is_none() && shapes.shapes.len() > 5);
    plugin.film(true);
    let film = env.render(0).expect("it can be drawn").expect("there is something to see");
    plugin.film(false);
    // Without EGL there are shapes here, too.
    if let Some(frame) = film.frame {
        assert_eq!((frame.width, frame.height), SIZE);
        assert!(film.shapes.is_empty());
    }
    let after = env.render(0).expect("it can be drawn").expect("there is something to see");
    assert_eq!(after, shapes);
}
