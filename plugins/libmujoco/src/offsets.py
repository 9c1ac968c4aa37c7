"""Writes where the fields of MuJoCo's two structs lie, and how large those that draw are, for `offsets.rs`.

    pip install "mujoco==3.17.0"
    python offsets.py > offsets.rs

The C compiler reads the headers of the Python package, so nothing is guessed."""

import pathlib
import subprocess
import sys
import tempfile

import mujoco

MODEL = """nq nv nu nbody njnt ngeom nsite nmocap neq opt.timestep body_mass body_parentid
actuator_ctrlrange jnt_qposadr jnt_dofadr geom_type geom_bodyid geom_size geom_rgba eq_type
eq_data""".split()
DATA = """qpos qvel ctrl xpos xquat xipos cinert cvel cfrc_ext qfrc_actuator qfrc_constraint site_xpos
site_xmat geom_xpos geom_xmat mocap_pos mocap_quat""".split()
DRAWING = {"CONTEXT": "mjrContext", "SCENE": "mjvScene", "OPTION": "mjvOption"}


def name(struct, field):
    return f"{struct}_{field.replace('opt.', '').upper()}"


def main():
    include = pathlib.Path(mujoco.__file__).parent / "include"
    lines = [
        f'printf("pub(crate) const {name(word, field)}: usize = %zu;\\n", offsetof({struct}, {field}));'
        for word, struct, fields in (("MODEL", "mjModel", MODEL), ("DATA", "mjData", DATA))
        for field in fields
    ]
    lines += [
        f'printf("pub(crate) const SIZE_{word}: usize = %zu;\\n", sizeof({struct}));'
        for word, struct in DRAWING.items()
    ]
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "offsets.c"
        source.write_text(
            "#include <stddef.h>\n#include <stdio.h>\n#include <mujoco/mujoco.h>\n"
            "int main(void) {\n" + "\n".join(lines) + "\nreturn 0; }\n"
        )
        program = pathlib.Path(folder) / "offsets"
        subprocess.run(["gcc", f"-I{include}", source, "-o", program], check=True)
        offsets = subprocess.run([program], check=True, capture_output=True, text=True).stdout
    version = mujoco.mj_version()
    print(f"//! Where fields lie in the structs of MuJoCo {mujoco.__version__}; written by `offsets.py`.\n")
    print(f"/// The version, as the library tells it.\npub(crate) const VERSION: i32 = {version:_};\n")
    print(f'/// The same for readers.\npub const VERSION_NAME: &str = "{mujoco.__version__}";\n')
    for line in offsets.splitlines():
        head, number = line.rstrip(";").rsplit(" ", 1)
        print(f"{head} {int(number):_};" if len(number) > 4 else line)


main()
