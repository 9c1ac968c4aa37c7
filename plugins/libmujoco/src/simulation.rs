//! A model, and a simulation of it.

use std::ffi::{CString, c_int, c_void};
use std::ptr::{null, null_mut};
use std::sync::Arc;

use plugin_api::{Error, Result};

use crate::files;
use crate::library::{Library, library};
use crate::offsets as place;

/// A compiled model. It never changes, so any number of simulations share it.
#[derive(Debug)]
pub struct Model {
    /// Generalized coordinates, velocities and controls.
    pub nq: usize,
    /// Velocities.
    pub nv: usize,
    /// Controls.
    pub nu: usize,
    /// Bodies, the world first.
    pub bodies: usize,
    /// Shapes.
    pub geoms: usize,
    /// Marked places.
    pub sites: usize,
    /// Length of a step of the simulation.
    pub timestep: f64,
    at: *mut c_void,
    library: &'static Library,
}

// SAFETY: the library only reads a model once it is loaded.
unsafe impl Send for Model {}
// SAFETY: as above.
unsafe impl Sync for Model {}

/// A state of a model. A thread at a time may use it.
#[derive(Debug)]
pub struct Simulation {
    model: Arc<Model>,
    at: *mut c_void,
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
    Xipos,
    Cinert,
    Cvel,
    CfrcExt,
    QfrcActuator,
    QfrcConstraint,
    SiteXpos,
    GeomXpos,
    GeomXmat,
}

/// What a state consists of: everything that the next step depends on.
const INTEGRATION: c_int = (1 << 14) - 1;

/// Kinds of things that have names.
const BODY: c_int = 1;

impl Model {
    /// Loads a model by its name or path.
    pub fn load(name: &str) -> Result<Self> {
        let library = library()?;
        let path = files::model(name)?;
        let text = CString::new(path.to_string_lossy().as_bytes())
            .map_err(|_| Error::argument("a path holds no zero byte; check `xml_file`"))?;
        let mut says = [0; 1000];
        // SAFETY: path and room for the error live through the call, and its size is told.
        let at = unsafe {
            (library.load_xml)(text.as_ptr(), null(), says.as_mut_ptr(), says.len() as c_int)
        };
        if at.is_null() {
            let says: Vec<u8> =
                says.iter().take_while(|byte| **byte != 0).map(|byte| *byte as u8).collect();
            let says =
                String::from_utf8_lossy(&says).split_whitespace().collect::<Vec<_>>().join(" ");
            return Err(Error::argument(format!("{} is no model: {says}", path.display())));
        }
        // SAFETY: the sizes are 64-bit numbers at these places of the struct.
        let size = |offset| unsafe { at.byte_add(offset).cast::<i64>().read() } as usize;
        Ok(Self {
            nq: size(place::MODEL_NQ),
            nv: size(place::MODEL_NV),
            nu: size(place::MODEL_NU),
            bodies: size(place::MODEL_NBODY),
            geoms: size(place::MODEL_NGEOM),
            sites: size(place::MODEL_NSITE),
            // SAFETY: the time step is a double at this place.
            timestep: unsafe { at.byte_add(place::MODEL_TIMESTEP).cast::<f64>().read() },
            at,
            library,
        })
    }

    /// An array of the model.
    fn array<T>(&self, offset: usize, len: usize) -> &[T] {
        if len == 0 {
            return &[];
        }
        // SAFETY: at this place the struct points to as many values, which live as long as it.
        unsafe {
            std::slice::from_raw_parts(self.at.byte_add(offset).cast::<*const T>().read(), len)
        }
    }

    /// The mass of each body.
    pub fn body_mass(&self) -> &[f64] {
        self.array(place::MODEL_BODY_MASS, self.bodies)
    }

    /// Least and greatest value of each control.
    pub fn control_ranges(&self) -> Vec<[f64; 2]> {
        let flat: &[f64] = self.array(place::MODEL_ACTUATOR_CTRLRANGE, 2 * self.nu);
        flat.chunks_exact(2).map(|range| [range[0], range[1]]).collect()
    }

    /// The kind of each shape: 0 plane, 2 sphere, 3 capsule, 4 ellipsoid, 5 cylinder, 6 box.
    pub fn geom_type(&self) -> &[i32] {
        self.array(place::MODEL_GEOM_TYPE, self.geoms)
    }

    /// Three sizes of each shape.
    pub fn geom_size(&self) -> &[f64] {
        self.array(place::MODEL_GEOM_SIZE, 3 * self.geoms)
    }

    /// Red, green, blue and opacity of each shape.
    pub fn geom_color(&self) -> &[f32] {
        self.array(place::MODEL_GEOM_RGBA, 4 * self.geoms)
    }

    /// The number of the body of this name.
    pub fn body(&self, name: &str) -> Result<usize> {
        let text = CString::new(name).map_err(|_| Error::argument("a name holds no zero byte"))?;
        // SAFETY: model and name live through the call.
        let id = unsafe { (self.library.name_to_id)(self.at, BODY, text.as_ptr()) };
        usize::try_from(id).map_err(|_| {
            Error::argument(format!("the model has no body `{name}`; check `xml_file`"))
        })
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: the model came from the library and nobody uses it any more.
        unsafe { (self.library.delete_model)(self.at) };
    }
}

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

    fn act(
        &mut self,
        function: fn(&Library) -> unsafe extern "C-unwind" fn(*const c_void, *mut c_void),
    ) {
        // SAFETY: model and simulation belong together and live.
        unsafe { function(self.model.library)(self.model.at, self.at) };
    }

    fn whereabouts(&self, numbers: Numbers) -> (usize, usize) {
        let Model { nq, nv, nu, bodies, geoms, sites, .. } = *self.model;
        match numbers {
            Numbers::Qpos => (place::DATA_QPOS, nq),
            Numbers::Qvel => (place::DATA_QVEL, nv),
            Numbers::Ctrl => (place::DATA_CTRL, nu),
            Numbers::Xpos => (place::DATA_XPOS, 3 * bodies),
            Numbers::Xipos => (place::DATA_XIPOS, 3 * bodies),
            Numbers::Cinert => (place::DATA_CINERT, 10 * bodies),
            Numbers::Cvel => (place::DATA_CVEL, 6 * bodies),
            Numbers::CfrcExt => (place::DATA_CFRC_EXT, 6 * bodies),
            Numbers::QfrcActuator => (place::DATA_QFRC_ACTUATOR, nv),
            Numbers::QfrcConstraint => (place::DATA_QFRC_CONSTRAINT, nv),
            Numbers::SiteXpos => (place::DATA_SITE_XPOS, 3 * sites),
            Numbers::GeomXpos => (place::DATA_GEOM_XPOS, 3 * geoms),
            Numbers::GeomXmat => (place::DATA_GEOM_XMAT, 9 * geoms),
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
