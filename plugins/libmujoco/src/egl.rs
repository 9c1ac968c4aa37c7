//! A place to draw without a screen: EGL, opened at run time on the first device that has it, a
//! processor that draws by itself among them.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr::{null, null_mut};
use std::sync::OnceLock;

use libloading::os::unix::{Library as Handle, RTLD_GLOBAL, RTLD_NOW};
use plugin_api::{Error, Result};

/// The library, under the name that every vendor's comes with.
const FILE: &str = "libEGL.so.1";

type Display = *mut c_void;
type GetProcAddress = unsafe extern "C" fn(*const c_char) -> *mut c_void;

/// What is asked of EGL, and the display that answered.
#[derive(Debug)]
struct Egl {
    display: Display,
    config: *mut c_void,
    bind_api: unsafe extern "C" fn(c_uint) -> c_uint,
    create_context:
        unsafe extern "C" fn(Display, *mut c_void, *mut c_void, *const c_int) -> *mut c_void,
    make_current: unsafe extern "C" fn(Display, *mut c_void, *mut c_void, *mut c_void) -> c_uint,
    destroy_context: unsafe extern "C" fn(Display, *mut c_void) -> c_uint,
}

// SAFETY: EGL's functions may be called from any thread; a context is current in one at a time,
// which `Context` sees to.
unsafe impl Send for Egl {}
// SAFETY: as above.
unsafe impl Sync for Egl {}

const PLATFORM_DEVICE: c_uint = 0x313F;
const OPENGL_API: c_uint = 0x30A2;
const DEVICES_MAX: usize = 16;

/// Eight bits a color, depth and stencil, for OpenGL.
#[rustfmt::skip]
const WANTED: [c_int; 15] = [
    0x3024, 8, 0x3023, 8, 0x3022, 8, // red, green, blue
    0x3025, 24, 0x3026, 8,           // depth, stencil
    0x3033, 0x0001, 0x3040, 0x0008,  // a buffer of its own, OpenGL
    0x3038,                          // the end
];

fn egl() -> Result<&'static Egl> {
    static EGL: OnceLock<Result<Egl>> = OnceLock::new();
    EGL.get_or_init(open).as_ref().map_err(Clone::clone)
}

fn open() -> Result<Egl> {
    let failed = |error| Error::new(format!("{FILE} cannot be opened: {error}"));
    // MuJoCo looks for the functions among those that the whole process sees, so it must be global.
    // SAFETY: the vendors' libraries only fill tables when they are opened.
    let handle = unsafe { Handle::open(Some(FILE), RTLD_NOW | RTLD_GLOBAL) }.map_err(failed)?;
    let handle: &'static Handle = Box::leak(Box::new(handle));
    let initialize: unsafe extern "C" fn(Display, *mut c_int, *mut c_int) -> c_uint =
        find(handle, c"eglInitialize")?;
    let choose_config: unsafe extern "C" fn(
        Display,
        *const c_int,
        *mut *mut c_void,
        c_int,
        *mut c_int,
    ) -> c_uint = find(handle, c"eglChooseConfig")?;
    let is_ready = |display: &Display| {
        // SAFETY: the display was given by EGL, and nobody wants to know the version.
        !display.is_null() && unsafe { initialize(*display, null_mut(), null_mut()) } == 1
    };
    let display = displays(find(handle, c"eglGetProcAddress")?)?.into_iter().find(is_ready);
    let display = display.ok_or_else(|| Error::new("EGL finds no device to draw with"))?;
    let (mut config, mut count) = (null_mut(), 0);
    // SAFETY: there is room for the one config that is asked for, and the list ends with its mark.
    unsafe { choose_config(display, WANTED.as_ptr(), &raw mut config, 1, &raw mut count) };
    if count < 1 {
        return Err(Error::new("EGL's device cannot draw with OpenGL"));
    }
    Ok(Egl {
        display,
        config,
        bind_api: find(handle, c"eglBindAPI")?,
        create_context: find(handle, c"eglCreateContext")?,
        make_current: find(handle, c"eglMakeCurrent")?,
        destroy_context: find(handle, c"eglDestroyContext")?,
    })
}

/// A display of each device that needs no screen.
fn displays(address: GetProcAddress) -> Result<Vec<Display>> {
    let extension = |name: &CStr| {
        // SAFETY: the name ends with a zero byte.
        let found = unsafe { address(name.as_ptr()) };
        let missing = || Error::new(format!("EGL lacks {}", name.to_string_lossy()));
        if found.is_null() { Err(missing()) } else { Ok(found) }
    };
    // SAFETY: the extension EGL_EXT_device_enumeration gives the function this type.
    let devices = unsafe {
        std::mem::transmute::<
            *mut c_void,
            unsafe extern "C" fn(c_int, *mut *mut c_void, *mut c_int) -> c_uint,
        >(extension(c"eglQueryDevicesEXT")?)
    };
    // SAFETY: the extension EGL_EXT_platform_base gives the function this type.
    let display = unsafe {
        std::mem::transmute::<
            *mut c_void,
            unsafe extern "C" fn(c_uint, *mut c_void, *const c_int) -> Display,
        >(extension(c"eglGetPlatformDisplayEXT")?)
    };
    let (mut found, mut count) = ([null_mut(); DEVICES_MAX], 0);
    // SAFETY: there is room for as many devices as are asked for.
    unsafe { devices(DEVICES_MAX as c_int, found.as_mut_ptr(), &raw mut count) };
    let found = found.into_iter().take(usize::try_from(count).unwrap_or(0));
    // SAFETY: the devices are EGL's own, and there are no attributes.
    Ok(found.map(|device| unsafe { display(PLATFORM_DEVICE, device, null()) }).collect())
}

fn find<F: Copy>(handle: &'static Handle, name: &CStr) -> Result<F> {
    // SAFETY: the caller names the type that EGL's headers give the function.
    let symbol = unsafe { handle.get::<F>(name.to_bytes_with_nul()) };
    let symbol = symbol.map(|symbol| *symbol);
    symbol.map_err(|error| Error::new(format!("EGL lacks {}: {error}", name.to_string_lossy())))
}

/// Something that OpenGL draws in, without a window.
#[derive(Debug)]
pub(crate) struct Context {
    egl: &'static Egl,
    at: *mut c_void,
}

impl Context {
    pub(crate) fn new() -> Result<Self> {
        let egl = egl()?;
        // SAFETY: display and config belong together, nothing is shared, and there are no
        // attributes.
        let at = unsafe {
            (egl.bind_api)(OPENGL_API);
            (egl.create_context)(egl.display, egl.config, null_mut(), null())
        };
        if at.is_null() {
            return Err(Error::new("EGL cannot make a context for OpenGL"));
        }
        Ok(Self { egl, at })
    }

    /// Draws with it in this thread until the guard is dropped.
    pub(crate) fn enter(&mut self) -> Result<Inside<'_>> {
        // SAFETY: the context is this display's, is current nowhere else, and needs no surface.
        let is_current = unsafe {
            (self.egl.bind_api)(OPENGL_API);
            (self.egl.make_current)(self.egl.display, null_mut(), null_mut(), self.at)
        };
        if is_current == 1 {
            Ok(Inside(self))
        } else {
            Err(Error::new("EGL does not let this thread draw"))
        }
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // SAFETY: the context is this display's and current nowhere.
        unsafe { (self.egl.destroy_context)(self.egl.display, self.at) };
    }
}

/// While it lives, this thread draws with the context.
#[derive(Debug)]
pub(crate) struct Inside<'a>(&'a Context);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        let egl = self.0.egl;
        // SAFETY: without a context there is nothing to be current.
        unsafe { (egl.make_current)(egl.display, null_mut(), null_mut(), null_mut()) };
    }
}
