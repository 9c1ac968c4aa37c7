//! Opens the library, finds its functions, and tames what it says: nothing is printed, no log file
//! is written, and what would end the process becomes a panic, which the caller's guard reports.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::OnceLock;

use libloading::Library as Handle;
use plugin_api::{Error, Result};

use crate::files;
use crate::offsets::{VERSION, VERSION_NAME};

/// Functions of the library. Those that may fail call our log handler, which unwinds through them.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) handle: &'static Handle,
    pub(crate) load_xml: LoadXml,
    pub(crate) make_data: unsafe extern "C-unwind" fn(*const c_void) -> *mut c_void,
    pub(crate) copy_data: CopyData,
    pub(crate) delete_data: unsafe extern "C-unwind" fn(*mut c_void),
    pub(crate) delete_model: unsafe extern "C-unwind" fn(*mut c_void),
    pub(crate) reset_data: Act,
    pub(crate) step: Act,
    pub(crate) forward: Act,
    pub(crate) kinematics: Act,
    pub(crate) rne_post_constraint: Act,
    pub(crate) name_to_id:
        unsafe extern "C-unwind" fn(*const c_void, c_int, *const c_char) -> c_int,
    pub(crate) site_jacobian: SiteJacobian,
    pub(crate) state_size: unsafe extern "C-unwind" fn(*const c_void, c_int) -> c_int,
    pub(crate) get_state:
        unsafe extern "C-unwind" fn(*const c_void, *const c_void, *mut f64, c_int),
    pub(crate) set_state:
        unsafe extern "C-unwind" fn(*const c_void, *mut c_void, *const f64, c_int),
}

type LoadXml =
    unsafe extern "C-unwind" fn(*const c_char, *const c_void, *mut c_char, c_int) -> *mut c_void;
type CopyData =
    unsafe extern "C-unwind" fn(*mut c_void, *const c_void, *const c_void) -> *mut c_void;
type SiteJacobian =
    unsafe extern "C-unwind" fn(*const c_void, *const c_void, *mut f64, *mut f64, c_int);
type Act = unsafe extern "C-unwind" fn(*const c_void, *mut c_void);

type Handler = unsafe extern "C-unwind" fn(*const Message);

/// The beginning of a log message, as far as it is read.
#[repr(C)]
struct Message {
    level: c_int,
    topic: c_int,
    subject: [c_char; 1024],
}

const WARNING: c_int = 2;
const ERROR: c_int = 3;

/// The library, opened when it is first asked for. It stays open: two in one process would break
/// each other.
pub(crate) fn library() -> Result<&'static Library> {
    static LIBRARY: OnceLock<Result<Library>> = OnceLock::new();
    LIBRARY.get_or_init(open).as_ref().map_err(Clone::clone)
}

fn open() -> Result<Library> {
    let path = files::library()?;
    let failed = |error| Error::new(format!("{} cannot be opened: {error}", path.display()));
    // SAFETY: the file is MuJoCo's, fetched with its checksum; its constructors only fill tables.
    let handle: &'static Handle =
        Box::leak(Box::new(unsafe { Handle::new(&path) }.map_err(failed)?));
    let version: unsafe extern "C-unwind" fn() -> c_int = find(handle, "mj_version")?;
    // SAFETY: the function takes nothing and only tells a constant.
    let version = unsafe { version() };
    if version != VERSION {
        return Err(Error::new(format!(
            "{} is version {version}, but only {VERSION} is known; `cargo lab fetch mujoco` gets \
             {VERSION_NAME}",
            path.display()
        )));
    }
    let set_handler: unsafe extern "C-unwind" fn(Handler) -> *const c_void =
        find(handle, "mju_setLogHandler")?;
    // SAFETY: the handler is a function of this library, which is never unloaded.
    unsafe { set_handler(listen) };
    Ok(Library {
        handle,
        load_xml: find(handle, "mj_loadXML")?,
        make_data: find(handle, "mj_makeData")?,
        copy_data: find(handle, "mj_copyData")?,
        delete_data: find(handle, "mj_deleteData")?,
        delete_model: find(handle, "mj_deleteModel")?,
        reset_data: find(handle, "mj_resetData")?,
        step: find(handle, "mj_step")?,
        forward: find(handle, "mj_forward")?,
        kinematics: find(handle, "mj_kinematics")?,
        rne_post_constraint: find(handle, "mj_rnePostConstraint")?,
        name_to_id: find(handle, "mj_name2id")?,
        site_jacobian: find(handle, "mj_jacSite")?,
        state_size: find(handle, "mj_stateSize")?,
        get_state: find(handle, "mj_getState")?,
        set_state: find(handle, "mj_setState")?,
    })
}

pub(crate) fn find<F: Copy>(handle: &'static Handle, name: &str) -> Result<F> {
    // SAFETY: the caller names the type that the headers of this version give the function.
    let symbol = unsafe { handle.get::<F>(name.as_bytes()) };
    symbol
        .map(|symbol| *symbol)
        .map_err(|error| Error::new(format!("MuJoCo lacks {name}: {error}")))
}

/// Hears what the library has to say. It must not return from an error, or the process would end.
unsafe extern "C-unwind" fn listen(message: *const Message) {
    // SAFETY: the library passes a message that lives as long as the call.
    let message = unsafe { &*message };
    // SAFETY: the library ends the text within its field.
    let text = unsafe { CStr::from_ptr(message.subject.as_ptr()) }.to_string_lossy();
    match message.level {
        ERROR => panic!("MuJoCo: {text}"),
        // What is said of old words in a model concerns whoever wrote the model.
        WARNING if text.contains("deprecated") => {}
        WARNING => plugin_api::host_log(4, &format!("MuJoCo: {text}")),
        _ => {}
    }
}
