//! Where fields lie in the structs of MuJoCo 3.17.0; written by `offsets.py`.

/// The version, as the library tells it.
pub(crate) const VERSION: i32 = 3_017_000;

/// The same for readers.
pub const VERSION_NAME: &str = "3.17.0";

pub(crate) const MODEL_NQ: usize = 0;
pub(crate) const MODEL_NV: usize = 8;
pub(crate) const MODEL_NU: usize = 16;
pub(crate) const MODEL_NBODY: usize = 48;
pub(crate) const MODEL_NJNT: usize = 88;
pub(crate) const MODEL_NGEOM: usize = 136;
pub(crate) const MODEL_NSITE: usize = 144;
pub(crate) const MODEL_NMOCAP: usize = 568;
pub(crate) const MODEL_NEQ: usize = 472;
pub(crate) const MODEL_TIMESTEP: usize = 792;
pub(crate) const MODEL_BODY_MASS: usize = 1944;
pub(crate) const MODEL_BODY_PARENTID: usize = 1808;
pub(crate) const MODEL_ACTUATOR_CTRLRANGE: usize = 4992;
pub(crate) const MODEL_JNT_QPOSADR: usize = 2112;
pub(crate) const MODEL_JNT_DOFADR: usize = 2120;
pub(crate) const MODEL_GEOM_TYPE: usize = 2416;
pub(crate) const MODEL_GEOM_BODYID: usize = 2448;
pub(crate) const MODEL_GEOM_SIZE: usize = 2528;
pub(crate) const MODEL_GEOM_RGBA: usize = 2624;
pub(crate) const MODEL_EQ_TYPE: usize = 4408;
pub(crate) const MODEL_EQ_DATA: usize = 4464;
pub(crate) const DATA_QPOS: usize = 160_688;
pub(crate) const DATA_QVEL: usize = 160_696;
pub(crate) const DATA_CTRL: usize = 160_736;
pub(crate) const DATA_XPOS: usize = 160_840;
pub(crate) const DATA_XQUAT: usize = 160_848;
pub(crate) const DATA_XIPOS: usize = 160_864;
pub(crate) const DATA_CINERT: usize = 160_976;
pub(crate) const DATA_CVEL: usize = 161_280;
pub(crate) const DATA_CFRC_EXT: usize = 161_464;
pub(crate) const DATA_QFRC_ACTUATOR: usize = 161_408;
pub(crate) const DATA_QFRC_CONSTRAINT: usize = 161_432;
pub(crate) const DATA_SITE_XPOS: usize = 160_912;
pub(crate) const DATA_SITE_XMAT: usize = 160_920;
pub(crate) const DATA_GEOM_XPOS: usize = 160_896;
pub(crate) const DATA_GEOM_XMAT: usize = 160_904;
pub(crate) const DATA_MOCAP_POS: usize = 160_768;
pub(crate) const DATA_MOCAP_QUAT: usize = 160_776;
pub(crate) const SIZE_CONTEXT: usize = 61_512;
pub(crate) const SIZE_SCENE: usize = 11_584;
pub(crate) const SIZE_OPTION: usize = 92;
