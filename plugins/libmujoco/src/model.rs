//! A compiled model: its sizes, its names, and what never changes in a simulation of it.

use std::ffi::{CString, c_int, c_void};
use std::ptr::null;
use std::sync::{Mutex, OnceLock};

use plugin_api::{Error, Result};

use crate::files;
use crate::library::{Library, library};
use crate::offsets as place;
use crate::studio::Studio;

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
    /// Joints.
    pub joints: usize,
    /// Shapes.
    pub geoms: usize,
    /// Marked places.
    pub sites: usize,
    /// Bodies that are led by hand.
    pub mocaps: usize,
    /// Length of a step of the simulation.
    pub timestep: f64,
    pub(crate) at: *mut c_void,
    pub(crate) library: &'static Library,
    /// What pictures are drawn with, from the first one on.
    pub(crate) studio: OnceLock<Result<Mutex<Studio>>>,
}

// SAFETY: the library only reads a model once it is loaded, and a studio is behind a lock.
unsafe impl Send for Model {}
// SAFETY: as above.
unsafe impl Sync for Model {}

/// Kinds of things that have names, by their numbers.
#[derive(Clone, Copy)]
enum Kind {
    Body = 1,
    Joint = 3,
    Site = 6,
}

/// The kind of constraint that holds two bodies together, and the numbers of a constraint.
const WELD: i32 = 1;
const CONSTRAINT_WIDTH: usize = 12;

/// Where a joint's numbers begin among coordinates and velocities.
#[derive(Clone, Copy, Debug)]
pub struct Joint {
    /// Among coordinates.
    pub qpos: usize,
    /// Among velocities.
    pub qvel: usize,
}

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
            joints: size(place::MODEL_NJNT),
            geoms: size(place::MODEL_NGEOM),
            sites: size(place::MODEL_NSITE),
            mocaps: size(place::MODEL_NMOCAP),
            // SAFETY: the time step is a double at this place.
            timestep: unsafe { at.byte_add(place::MODEL_TIMESTEP).cast::<f64>().read() },
            at,
            library,
            studio: OnceLock::new(),
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

    /// The body of each shape.
    pub fn geom_body(&self) -> &[i32] {
        self.array(place::MODEL_GEOM_BODYID, self.geoms)
    }

    /// The body that each body hangs on.
    pub fn body_parent(&self) -> &[i32] {
        self.array(place::MODEL_BODY_PARENTID, self.bodies)
    }

    /// The number of the body of this name.
    pub fn body(&self, name: &str) -> Result<usize> {
        self.named(Kind::Body, "body", name)
    }

    /// The number of the site of this name.
    pub fn site(&self, name: &str) -> Result<usize> {
        self.named(Kind::Site, "site", name)
    }

    /// Where the numbers of the joint of this name begin.
    pub fn joint(&self, name: &str) -> Result<Joint> {
        let id = self.named(Kind::Joint, "joint", name)?;
        let first = |offset| self.array::<i32>(offset, self.joints)[id] as usize;
        Ok(Joint { qpos: first(place::MODEL_JNT_QPOSADR), qvel: first(place::MODEL_JNT_DOFADR) })
    }

    fn named(&self, kind: Kind, word: &str, name: &str) -> Result<usize> {
        let text = CString::new(name).map_err(|_| Error::argument("a name holds no zero byte"))?;
        // SAFETY: model and name live through the call.
        let id = unsafe { (self.library.name_to_id)(self.at, kind as c_int, text.as_ptr()) };
        usize::try_from(id).map_err(|_| {
            Error::argument(format!("the model has no {word} `{name}`; check `xml_file`"))
        })
    }

    /// Makes each weld hold its two bodies at one place, turned alike.
    pub fn close_welds(&mut self) {
        // SAFETY: the size is a 64-bit number at this place of the struct.
        let count = unsafe { self.at.byte_add(place::MODEL_NEQ).cast::<i64>().read() } as usize;
        let kinds = self.array::<i32>(place::MODEL_EQ_TYPE, count).to_vec();
        for (idx, _) in kinds.iter().enumerate().filter(|(_, kind)| **kind == WELD) {
            // SAFETY: the struct points to the numbers of all constraints there, and nobody else
            // looks at a model that is held mutably.
            let first = unsafe {
                let all = self.at.byte_add(place::MODEL_EQ_DATA).cast::<*mut f64>().read();
                std::slice::from_raw_parts_mut(all.add(CONSTRAINT_WIDTH * idx), 7)
            };
            // Place of the anchor, place of the other body, and the first part of its turn.
            first.copy_from_slice(&[0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
        }
    }
}

impl Drop for Model {
    fn drop(&mut self) {
        // SAFETY: the model came from the library and nobody uses it any more.
        unsafe { (self.library.delete_model)(self.at) };
    }
}
