//! Pictures of a simulation as MuJoCo's own renderer draws them, where the machine has EGL.

use std::ffi::{c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::{null, null_mut};
use std::sync::{OnceLock, PoisonError};

use plugin_api::{Error, Result};

use crate::egl::Context;
use crate::library::{find, library};
use crate::model::Model;
use crate::offsets as place;
use crate::simulation::Simulation;

/// Size of a picture, in pixels. Every model has room for it.
pub const SIZE: (u32, u32) = (480, 360);

/// From where a picture is taken.
#[derive(Clone, Copy, Debug)]
pub struct Shot {
    /// The point in the middle.
    pub look_at: [f64; 3],
    /// How far from it the camera is.
    pub distance: f64,
    /// Where the camera looks to, in degrees from x to y.
    pub azimuth: f64,
    /// How much it looks up, in degrees.
    pub elevation: f64,
}

/// MuJoCo's camera, as its headers have it.
#[repr(C)]
struct Camera {
    kind: c_int,
    fixed: c_int,
    tracked: c_int,
    look_at: [f64; 3],
    distance: f64,
    azimuth: f64,
    elevation: f64,
    orthographic: c_int,
}

/// A camera that stands where it is put.
const FREE: c_int = 0;

#[repr(C)]
#[derive(Clone, Copy)]
struct Rect {
    left: c_int,
    bottom: c_int,
    width: c_int,
    height: c_int,
}

const WHOLE: Rect = Rect { left: 0, bottom: 0, width: SIZE.0 as c_int, height: SIZE.1 as c_int };

/// Functions that draw, with the types that the headers of the version give them.
#[derive(Debug)]
struct Drawing {
    default_scene: unsafe extern "C-unwind" fn(*mut c_void),
    make_scene: unsafe extern "C-unwind" fn(*const c_void, *mut c_void, c_int),
    update_scene: UpdateScene,
    free_scene: unsafe extern "C-unwind" fn(*mut c_void),
    default_option: unsafe extern "C-unwind" fn(*mut c_void),
    default_context: unsafe extern "C-unwind" fn(*mut c_void),
    make_context: unsafe extern "C-unwind" fn(*const c_void, *mut c_void, c_int),
    free_context: unsafe extern "C-unwind" fn(*mut c_void),
    resize: unsafe extern "C-unwind" fn(c_int, c_int, *mut c_void),
    set_buffer: unsafe extern "C-unwind" fn(c_int, *mut c_void),
    render: unsafe extern "C-unwind" fn(Rect, *mut c_void, *const c_void),
    read_pixels: unsafe extern "C-unwind" fn(*mut u8, *mut f32, Rect, *const c_void),
}

type UpdateScene = unsafe extern "C-unwind" fn(
    *const c_void,
    *mut c_void,
    *const c_void,
    *const c_void,
    *mut Camera,
    c_int,
    *mut c_void,
);

fn drawing() -> Result<&'static Drawing> {
    static DRAWING: OnceLock<Result<Drawing>> = OnceLock::new();
    let look_up = || {
        let handle = library()?.handle;
        Ok(Drawing {
            default_scene: find(handle, "mjv_defaultScene")?,
            make_scene: find(handle, "mjv_makeScene")?,
            update_scene: find(handle, "mjv_updateScene")?,
            free_scene: find(handle, "mjv_freeScene")?,
            default_option: find(handle, "mjv_defaultOption")?,
            default_context: find(handle, "mjr_defaultContext")?,
            make_context: find(handle, "mjr_makeContext")?,
            free_context: find(handle, "mjr_freeContext")?,
            resize: find(handle, "mjr_resizeOffscreen")?,
            set_buffer: find(handle, "mjr_setBuffer")?,
            render: find(handle, "mjr_render")?,
            read_pixels: find(handle, "mjr_readPixels")?,
        })
    };
    DRAWING.get_or_init(look_up).as_ref().map_err(Clone::clone)
}

const FONT_SCALE: c_int = 100;
const SHAPES_MAX: c_int = 2000;
const OFFSCREEN: c_int = 1;
const EVERYTHING: c_int = 7;

/// Room for a struct of the library of which only the size is known.
fn room(bytes: usize) -> Vec<u64> {
    vec![0; bytes.div_ceil(size_of::<u64>())]
}

/// What pictures of a model are drawn with. One thread at a time may use it.
#[derive(Debug)]
pub(crate) struct Studio {
    drawing: &'static Drawing,
    context: Context,
    /// Structs of the library.
    renderer: Vec<u64>,
    scene: Vec<u64>,
    option: Vec<u64>,
}

impl Studio {
    pub(crate) fn new(model: &Model) -> Result<Self> {
        let (drawing, context) = (drawing()?, Context::new()?);
        let mut studio = Self {
            drawing,
            context,
            renderer: room(place::SIZE_CONTEXT),
            scene: room(place::SIZE_SCENE),
            option: room(place::SIZE_OPTION),
        };
        let (renderer, scene) = (pointer(&mut studio.renderer), pointer(&mut studio.scene));
        let option = pointer(&mut studio.option);
        // From here on the structs may be freed, whatever fails.
        // SAFETY: there is room for each struct.
        unsafe {
            (drawing.default_scene)(scene);
            (drawing.default_context)(renderer);
            (drawing.default_option)(option);
        }
        let inside = studio.context.enter()?;
        // SAFETY: the model is loaded, the structs are set up, and a context is current. What the
        // library cannot do it tells our log handler, which unwinds.
        let made = catch_unwind(AssertUnwindSafe(|| unsafe {
            (drawing.make_context)(model.at, renderer, FONT_SCALE);
            (drawing.resize)(WHOLE.width, WHOLE.height, renderer);
            (drawing.set_buffer)(OFFSCREEN, renderer);
            (drawing.make_scene)(model.at, scene, SHAPES_MAX);
        }));
        drop(inside);
        made.map_err(|_| Error::new("MuJoCo cannot draw with the OpenGL of this machine"))?;
        Ok(studio)
    }

    fn take(&mut self, model: &Model, simulation: *mut c_void, shot: &Shot) -> Result<Vec<u8>> {
        let mut camera = Camera {
            kind: FREE,
            fixed: -1,
            tracked: -1,
            look_at: shot.look_at,
            distance: shot.distance,
            azimuth: shot.azimuth,
            elevation: shot.elevation,
            orthographic: 0,
        };
        let (renderer, scene) = (pointer(&mut self.renderer), pointer(&mut self.scene));
        let option = pointer(&mut self.option);
        let row = 3 * SIZE.0 as usize;
        let mut pixels = vec![0; row * SIZE.1 as usize];
        let inside = self.context.enter()?;
        // SAFETY: model and simulation belong together, the structs were set up by the library, a
        // context is current, and there is room for three bytes of each pixel.
        unsafe {
            (self.drawing.update_scene)(
                model.at,
                simulation,
                option,
                null(),
                &raw mut camera,
                EVERYTHING,
                scene,
            );
            (self.drawing.render)(WHOLE, scene, renderer);
            (self.drawing.read_pixels)(pixels.as_mut_ptr(), null_mut(), WHOLE, renderer);
        }
        drop(inside);
        // OpenGL begins at the bottom.
        Ok(pixels.chunks_exact(row).rev().flatten().copied().collect())
    }
}

fn pointer(room: &mut [u64]) -> *mut c_void {
    room.as_mut_ptr().cast()
}

impl Drop for Studio {
    fn drop(&mut self) {
        let (renderer, scene) = (pointer(&mut self.renderer), pointer(&mut self.scene));
        // Where the context cannot be entered, it takes what was made in it along.
        let Ok(_inside) = self.context.enter() else { return };
        // SAFETY: the library set the structs up and nobody uses them any more.
        unsafe {
            (self.drawing.free_scene)(scene);
            (self.drawing.free_context)(renderer);
        }
    }
}

impl Simulation {
    /// A picture of this moment, row by row from the top, three bytes a pixel, [`SIZE`] of them;
    /// the error says what the machine lacks.
    pub fn picture(&mut self, shot: &Shot) -> Result<Vec<u8>> {
        let simulation = self.at;
        let model = self.model();
        let studio = model.studio.get_or_init(|| Studio::new(model).map(Into::into));
        let studio = studio.as_ref().map_err(Clone::clone)?;
        studio.lock().unwrap_or_else(PoisonError::into_inner).take(model, simulation, shot)
    }
}
