//! State as named tensors and scalars: one description of what changes serves saving and loading.

use crate::encoding;
use crate::error::{Error, Result};
use crate::rng::Rng;
use serde::{Deserialize, Serialize};

/// What a saved tensor is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Kind {
    /// 32-bit float.
    F32,
    /// 64-bit float.
    F64,
    /// 64-bit signed integer.
    I64,
    /// 64-bit unsigned integer.
    U64,
    /// 32-bit signed integer.
    I32,
    /// 32-bit unsigned integer.
    U32,
    /// 8-bit unsigned integer.
    U8,
    /// Truth value, a byte each.
    Bool,
}

impl Kind {
    /// Bytes of one number.
    pub fn size(self) -> usize {
        match self {
            Self::F64 | Self::I64 | Self::U64 => 8,
            Self::F32 | Self::I32 | Self::U32 => 4,
            Self::U8 | Self::Bool => 1,
        }
    }
}

/// One named tensor; a scalar has an empty shape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name, with the scopes it lies in: `critic/layer0/weight`.
    pub name: String,
    /// What it is made of.
    pub kind: Kind,
    /// Extent of every axis, row-major.
    pub shape: Vec<u64>,
    /// The numbers, little-endian.
    pub bytes: Vec<u8>,
}

/// Everything an object needs to go on exactly, in the order it was named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The tensors.
    pub entries: Vec<Entry>,
}

impl State {
    /// The state as bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        encoding::to_bytes(self)
    }

    /// The state behind bytes that [`State::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let state: Self = encoding::from_bytes(bytes, "saved state")?;
        state.check()?;
        Ok(state)
    }

    fn check(&self) -> Result<()> {
        for entry in &self.entries {
            let items = entry.shape.iter().try_fold(1u64, |a, &b| a.checked_mul(b));
            let bytes = items.and_then(|items| items.checked_mul(entry.kind.size() as u64));
            if bytes != Some(entry.bytes.len() as u64) {
                return Err(Error::argument(format!(
                    "the saved state is damaged: tensor `{}` has another size than its shape says",
                    entry.name
                )));
            }
        }
        Ok(())
    }

    /// The tensor of this name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }
}

/// A plain number that can be saved.
pub trait Scalar: sealed::Sealed + Copy + Default {
    /// What it is at run time.
    const KIND: Kind;
    #[doc(hidden)]
    fn put(self, out: &mut Vec<u8>);
    #[doc(hidden)]
    fn take(bytes: &[u8]) -> Self;

    /// Puts the bytes of many numbers behind those there are.
    fn put_all(values: &[Self], out: &mut Vec<u8>) {
        out.reserve_exact(values.len() * Self::KIND.size());
        for value in values {
            value.put(out);
        }
    }
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! scalar {
    ($($ty:ty, $wire:ty, $kind:ident;)*) => {$(
        impl sealed::Sealed for $ty {}
        impl Scalar for $ty {
            const KIND: Kind = Kind::$kind;

            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&(self as $wire).to_le_bytes());
            }

            fn take(bytes: &[u8]) -> Self {
                <$wire>::from_le_bytes(bytes.try_into().expect("the size was checked")) as $ty
            }

            // All room at once and no look at it in between: that is as fast as a copy.
            fn put_all(values: &[Self], out: &mut Vec<u8>) {
                const SIZE: usize = size_of::<$wire>();
                let from = out.len();
                out.resize(from + values.len() * SIZE, 0);
                let (places, _) = out[from..].as_chunks_mut::<SIZE>();
                for (place, &value) in places.iter_mut().zip(values) {
                    *place = (value as $wire).to_le_bytes();
                }
            }
        }
    )*};
}

scalar! {
    f32, f32, F32;
    f64, f64, F64;
    i64, i64, I64;
    u64, u64, U64;
    usize, u64, U64;
    i32, i32, I32;
    u32, u32, U32;
    u8, u8, U8;
}

impl sealed::Sealed for bool {}
impl Scalar for bool {
    const KIND: Kind = Kind::Bool;

    fn put(self, out: &mut Vec<u8>) {
        out.push(u8::from(self));
    }

    fn take(bytes: &[u8]) -> Self {
        bytes[0] != 0
    }
}

/// Saves or loads, whichever is being done; the code that names its state need not know.
#[derive(Debug)]
pub struct Archive {
    /// What was saved so far, or what is left to load.
    state: State,
    loading: bool,
    /// Names of the scopes around, each followed by `/`.
    prefix: String,
    /// Where the next name is expected when loading; names usually come in the order they were
    /// saved.
    cursor: usize,
    /// Which tensors found their place when loading.
    loaded: Vec<bool>,
    error: Option<Error>,
}

impl Archive {
    /// An archive that saves.
    pub fn saving() -> Self {
        Self::new(State::default(), false)
    }

    /// An archive that loads what is in `state`.
    pub fn loading(state: State) -> Self {
        Self::new(state, true)
    }

    fn new(state: State, loading: bool) -> Self {
        let loaded = vec![false; state.entries.len()];
        Self { state, loading, prefix: String::new(), cursor: 0, loaded, error: None }
    }

    /// What was saved, or whether everything was there and fitted.
    pub fn finish(self) -> Result<State> {
        if let Some(error) = self.error {
            return Err(error);
        }
        if let Some(idx) = self.loaded.iter().position(|&loaded| !loaded) {
            let name = &self.state.entries[idx].name;
            return Err(Error::argument(format!(
                "tensor `{name}` of the saved state has no place here; is it of another version?"
            )));
        }
        Ok(self.state)
    }

    /// Whether values are being loaded, for those who must rebuild something afterwards.
    pub fn is_loading(&self) -> bool {
        self.loading
    }

    /// Reports that the state cannot be saved or does not fit; the first report counts.
    pub fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }

    /// One number.
    pub fn value<T: Scalar>(&mut self, name: &str, value: &mut T) {
        self.transfer(name, T::KIND, Shape::Is(&[]), |values: &mut Values<'_>| match values {
            Values::Save(out) => value.put(out),
            Values::Load(bytes) => *value = T::take(bytes),
        });
    }

    /// Numbers whose count never changes.
    pub fn slice<T: Scalar>(&mut self, name: &str, values: &mut [T]) {
        self.tensor(name, &[values.len()], values);
    }

    /// Numbers with a shape that never changes.
    pub fn tensor<T: Scalar>(&mut self, name: &str, shape: &[usize], values: &mut [T]) {
        assert_eq!(shape.iter().product::<usize>(), values.len(), "shape of `{name}`");
        self.transfer(
            name,
            T::KIND,
            Shape::Is(shape),
            |transfer: &mut Values<'_>| match transfer {
                Values::Save(out) => T::put_all(values, out),
                Values::Load(bytes) => {
                    let size = T::KIND.size();
                    for (value, bytes) in values.iter_mut().zip(bytes.chunks_exact(size)) {
                        *value = T::take(bytes);
                    }
                }
            },
        );
    }

    /// Numbers whose count changes.
    pub fn list<T: Scalar>(&mut self, name: &str, values: &mut Vec<T>) {
        let shape = Shape::List(values.len());
        self.transfer(name, T::KIND, shape, |transfer: &mut Values<'_>| match transfer {
            Values::Save(out) => T::put_all(values, out),
            Values::Load(bytes) => {
                *values = bytes.chunks_exact(T::KIND.size()).map(T::take).collect();
            }
        });
    }

    /// A string.
    pub fn text(&mut self, name: &str, text: &mut String) {
        let mut bytes = text.as_bytes().to_vec();
        self.list(name, &mut bytes);
        if self.loading {
            match String::from_utf8(bytes) {
                Ok(loaded) => *text = loaded,
                Err(_) => self.fail(Error::argument(format!("`{name}` is not a text"))),
            }
        }
    }

    /// Random numbers go on where they were.
    pub fn rng(&mut self, name: &str, rng: &mut Rng) {
        let mut words = rng.words();
        self.slice(name, &mut words);
        if self.loading {
            match Rng::from_words(words) {
                Ok(loaded) => *rng = loaded,
                Err(error) => self.fail(Error::argument(format!("`{name}`: {error}"))),
            }
        }
    }

    /// Puts `name/` in front of everything that `inside` names.
    pub fn scope(&mut self, name: &str, inside: impl FnOnce(&mut Self)) {
        let outer = self.prefix.len();
        self.prefix.push_str(name);
        self.prefix.push('/');
        inside(self);
        self.prefix.truncate(outer);
    }

    fn transfer(
        &mut self,
        name: &str,
        kind: Kind,
        shape: Shape<'_>,
        mut with: impl FnMut(&mut Values<'_>),
    ) {
        if self.error.is_some() {
            return;
        }
        let name = format!("{}{name}", self.prefix);
        if self.loading {
            match self.find(&name, kind, shape) {
                Ok(idx) => {
                    with(&mut Values::Load(&self.state.entries[idx].bytes));
                    self.cursor = idx + 1;
                    self.loaded[idx] = true;
                }
                Err(error) => self.fail(error),
            }
            return;
        }
        if self.state.get(&name).is_some() {
            return self.fail(Error::new(format!("the state names `{name}` twice")));
        }
        let mut bytes = Vec::new();
        with(&mut Values::Save(&mut bytes));
        let shape = match shape {
            Shape::Is(shape) => shape.iter().map(|&n| n as u64).collect(),
            Shape::List(len) => vec![len as u64],
        };
        self.state.entries.push(Entry { name, kind, shape, bytes });
    }

    /// Place of the tensor of this name, kind and shape.
    fn find(&self, name: &str, kind: Kind, shape: Shape<'_>) -> Result<usize> {
        let entries = &self.state.entries;
        let expected = entries.get(self.cursor).filter(|entry| entry.name == name);
        let idx = match expected {
            Some(_) => Some(self.cursor),
            None => entries.iter().position(|entry| entry.name == name),
        };
        let idx =
            idx.ok_or_else(|| Error::argument(format!("the saved state has no tensor `{name}`")))?;
        let entry = &entries[idx];
        let fits = match shape {
            Shape::Is(shape) => entry.shape.iter().map(|&n| n as usize).eq(shape.iter().copied()),
            Shape::List(_) => entry.shape.len() == 1,
        };
        if entry.kind != kind || !fits {
            let wanted = match shape {
                Shape::Is(shape) => format!("{shape:?}"),
                Shape::List(_) => "of any length".to_owned(),
            };
            return Err(Error::argument(format!(
                "tensor `{name}` is {:?} {:?} in the saved state, here it is {kind:?} {wanted}",
                entry.kind, entry.shape
            )));
        }
        if self.loaded[idx] {
            return Err(Error::new(format!("the state names `{name}` twice")));
        }
        Ok(idx)
    }
}

/// The shape a tensor must have.
#[derive(Clone, Copy)]
enum Shape<'a> {
    Is(&'a [usize]),
    /// One axis: of this extent when saving, of any when loading.
    List(usize),
}

/// One tensor on its way in or out.
enum Values<'a> {
    Save(&'a mut Vec<u8>),
    Load(&'a [u8]),
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Something of every type that can be saved.
    #[derive(Clone, Debug, PartialEq)]
    struct Everything {
        numbers: (f32, f64, i64, u64, usize, i32, u32, u8, bool),
        grid: [f64; 6],
        list: Vec<i64>,
        name: String,
        rng: Rng,
        inner: Vec<f32>,
    }

    impl Everything {
        fn sample() -> Self {
            let mut rng = Rng::seeded(3);
            rng.next_u32();
            Self {
                numbers: (0.1, f64::MIN_POSITIVE, i64::MIN, u64::MAX, 7, -1, u32::MAX, 255, true),
                grid: [0.0, -0.0, 1.5, f64::INFINITY, f64::NEG_INFINITY, 1e-300],
                list: vec![1, -2, 3],
                name: "μ and σ".into(),
                rng,
                inner: vec![],
            }
        }

        fn blank() -> Self {
            Self {
                numbers: Default::default(),
                grid: [9.0; 6],
                list: vec![],
                name: String::new(),
                rng: Rng::seeded(0),
                inner: vec![4.0],
            }
        }

        fn state(&mut self, archive: &mut Archive) {
            let (a, b, c, d, e, f, g, h, i) = &mut self.numbers;
            archive.value("f32", a);
            archive.value("f64", b);
            archive.value("i64", c);
            archive.value("u64", d);
            archive.value("usize", e);
            archive.value("i32", f);
            archive.value("u32", g);
            archive.value("u8", h);
            archive.value("bool", i);
            archive.tensor("grid", &[2, 3], &mut self.grid);
            archive.list("list", &mut self.list);
            archive.text("name", &mut self.name);
            archive.rng("rng", &mut self.rng);
            archive.scope("inner", |archive| archive.list("list", &mut self.inner));
        }
    }

    fn saved(value: &mut Everything) -> State {
        let mut archive = Archive::saving();
        value.state(&mut archive);
        archive.finish().expect("everything can be saved")
    }

    fn load(state: State, name: impl FnOnce(&mut Archive)) -> Result<State> {
        let mut archive = Archive::loading(state);
        assert!(archive.is_loading());
        name(&mut archive);
        archive.finish()
    }

    #[track_caller]
    fn refused(result: Result<State>, sentence: &str) {
        assert_eq!(result.expect_err("it does not fit").message, sentence);
    }

    fn one(value: f64) -> State {
        let mut archive = Archive::saving();
        archive.value("a", &mut { value });
        archive.finish().expect("one number can be saved")
    }

    #[test]
    fn what_is_saved_comes_back_to_the_bit() {
        let mut original = Everything::sample();
        let state = saved(&mut original);
        assert_eq!(state.get("grid").expect("it was named").shape, [2, 3]);
        assert_eq!(state.get("inner/list").expect("it was named").shape, [0]);
        assert_eq!(state.get("f64").expect("it was named").shape, []);
        let bytes = state.to_bytes();
        let mut copy = Everything::blank();
        let state = State::from_bytes(&bytes).expect("just written");
        load(state, |archive| copy.state(archive)).expect("it fits");
        assert_eq!(copy, original);
        assert_eq!(copy.grid.map(f64::to_bits), original.grid.map(f64::to_bits));
        assert_eq!(saved(&mut copy).to_bytes(), bytes);
    }

    #[test]
    fn names_may_come_in_another_order() {
        let mut archive = Archive::saving();
        archive.value("a", &mut 1_u8);
        archive.value("b", &mut 2_u8);
        let state = archive.finish().expect("two numbers can be saved");
        let (mut a, mut b) = (0_u8, 0_u8);
        let load = load(state, |archive| {
            archive.value("b", &mut b);
            archive.value("a", &mut a);
        });
        load.expect("both are there");
        assert_eq!((a, b), (1, 2));
    }

    #[test]
    fn a_tensor_that_is_missing_or_left_over_is_named() {
        let mut value = 0.0;
        refused(
            load(one(1.0), |archive| archive.value("b", &mut value)),
            "the saved state has no tensor `b`",
        );
        refused(
            load(one(1.0), |_| ()),
            "tensor `a` of the saved state has no place here; is it of another version?",
        );
        refused(
            load(one(1.0), |archive| {
                archive.scope("x", |archive| archive.value("a", &mut value));
            }),
            "the saved state has no tensor `x/a`",
        );
    }

    #[test]
    fn a_tensor_of_another_kind_or_shape_is_refused() {
        refused(
            load(one(1.0), |archive| archive.value("a", &mut 0_f32)),
            "tensor `a` is F64 [] in the saved state, here it is F32 []",
        );
        refused(
            load(one(1.0), |archive| archive.slice("a", &mut [0_f64])),
            "tensor `a` is F64 [] in the saved state, here it is F64 [1]",
        );
        refused(
            load(one(1.0), |archive| archive.list("a", &mut Vec::<f64>::new())),
            "tensor `a` is F64 [] in the saved state, here it is F64 of any length",
        );
        let mut archive = Archive::saving();
        archive.tensor("w", &[2, 3], &mut [0_f32; 6]);
        let state = archive.finish().expect("six numbers can be saved");
        refused(
            load(state, |archive| archive.tensor("w", &[3, 2], &mut [0_f32; 6])),
            "tensor `w` is F32 [2, 3] in the saved state, here it is F32 [3, 2]",
        );
    }

    #[test]
    fn a_name_given_twice_is_refused_both_ways() {
        let mut archive = Archive::saving();
        archive.value("a", &mut 1.0);
        archive.value("a", &mut 2.0);
        refused(archive.finish(), "the state names `a` twice");
        let mut value = 0.0;
        let twice = load(one(1.0), |archive| {
            archive.value("a", &mut value);
            archive.value("a", &mut value);
        });
        refused(twice, "the state names `a` twice");
    }

    #[test]
    fn the_first_fault_counts_and_nothing_is_touched_after_it() {
        let mut value = 7.0;
        let result = load(one(1.0), |archive| {
            archive.fail(Error::new("first"));
            archive.fail(Error::new("second"));
            archive.value("a", &mut value);
        });
        refused(result, "first");
        assert!(value > 6.0, "{value}");
    }

    #[test]
    fn words_no_generator_can_have_and_bytes_that_are_no_text_are_refused() {
        let mut archive = Archive::saving();
        archive.slice("rng", &mut [0_u64; 5]);
        let state = archive.finish().expect("five numbers can be saved");
        let error = load(state, |archive| archive.rng("rng", &mut Rng::seeded(0)));
        assert!(error.expect_err("an even increment").message.starts_with("`rng`: "));
        let mut archive = Archive::saving();
        archive.list("name", &mut vec![0xff_u8]);
        let state = archive.finish().expect("a byte can be saved");
        refused(
            load(state, |archive| archive.text("name", &mut String::new())),
            "`name` is not a text",
        );
    }

    #[test]
    #[should_panic(expected = "shape of `w`")]
    fn a_shape_that_does_not_hold_the_values() {
        Archive::saving().tensor("w", &[2, 2], &mut [0_u8; 5]);
    }

    #[test]
    fn bytes_cut_short_or_too_long_are_refused() {
        let bytes = saved(&mut Everything::sample()).to_bytes();
        for len in 0..bytes.len() {
            State::from_bytes(&bytes[..len]).expect_err("something is missing");
        }
        let longer = [&bytes[..], &[0]].concat();
        let error = State::from_bytes(&longer).expect_err("something is left");
        assert_eq!(error.message, "the saved state is damaged: it ends 1 bytes too late");
        let error = State::from_bytes(&[9, 0]).expect_err("an encoding to come");
        assert_eq!(
            error.message,
            "the saved state has encoding 9, this build reads 1; use a newer build"
        );
    }

    #[test]
    fn damaged_bytes_never_panic_nor_take_much_memory() {
        let mut sample = Everything::sample();
        let bytes = saved(&mut sample).to_bytes();
        let mut rng = Rng::seeded(5);
        let (mut refused, mut changed) = (0, 0);
        for _ in 0..20_000 {
            let mut bytes = bytes.clone();
            for _ in 0..=rng.below(3) {
                let at = rng.below(bytes.len());
                bytes[at] ^= 1 << rng.below(8);
            }
            let mut copy = Everything::blank();
            let loaded = State::from_bytes(&bytes)
                .and_then(|state| load(state, |archive| copy.state(archive)));
            match loaded {
                Ok(_) => changed += u32::from(copy != sample),
                Err(error) => {
                    assert!(error.message.len() < 1000, "{error}");
                    refused += 1;
                }
            }
        }
        assert!(refused > 5000 && changed > 1000, "{refused} refused, {changed} changed");
    }

    #[test]
    fn a_tensor_that_claims_to_be_enormous_is_refused() {
        let enormous = |shape: &[u64]| State {
            entries: vec![Entry {
                name: "w".into(),
                kind: Kind::F64,
                shape: shape.to_vec(),
                bytes: vec![0; 8],
            }],
        };
        for shape in [&[u64::MAX, u64::MAX][..], &[u64::MAX / 4], &[2], &[0]] {
            let error = State::from_bytes(&enormous(shape).to_bytes()).expect_err("it is not");
            assert!(error.message.contains("tensor `w`"), "{error}");
        }
        State::from_bytes(&enormous(&[1]).to_bytes()).expect("one number of eight bytes");
    }
}
