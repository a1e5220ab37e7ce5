//! The list of a type's fields or variants, from which both directions of its encoding follow.
//!
//! ```text
//! codec! {
//!     struct Plan { whereabouts, stops, to_end } check plan_is_sound
//! }
//! codec! {
//!     enum Command {
//!         0 UseMap(map),
//!         2 SetService { service, policy },
//!         16 AdvanceClock,
//!     }
//! }
//! ```
//! A struct is its fields in the order listed; an enum is a tag byte, then the variant's fields.
//! Tags are written out and never used twice. A field that is not listed does not compile.
//! A field added in version 2 reads `colour [since 2 else Colour::Grey]`: version 1 has no bytes
//! for it, neither when it is read (then it is grey) nor when it is written (to check an old hash).
//! `check` names a function of `&T` that says what is wrong with a value whose parts are right.

#[macro_export]
macro_rules! codec {
    ($(
        struct $name:ident {
            $($field:ident $([since $version:literal else $default:expr])?),* $(,)?
        } $(check $check:ident)?
    )+) => {$(
        impl $crate::codec::Encode for $name {
            fn encode(&self, writer: &mut $crate::codec::Writer) {
                let $name { $($field),* } = self;
                $($crate::codec!(@write writer $field $($version)?);)*
            }
        }

        impl $crate::codec::Decode for $name {
            fn decode(reader: &mut $crate::codec::Reader<'_>) -> Result<$name, $crate::codec::DecodeError> {
                let at = reader.at();
                $(let $field = $crate::codec!(@read reader $($version $default)?);)*
                let value = $name { $($field),* };
                $crate::codec!(@check value $($check)?).map_err(|why| reader.invalid(at, stringify!($name), why))?;
                Ok(value)
            }
        }
    )+};

    ($(
        enum $name:ident {
            $(
                $tag:literal $variant:ident
                $(($($item:ident),*))?
                $({ $($field:ident $([since $version:literal else $default:expr])?),* $(,)? })?
            ),* $(,)?
        }
    )+) => {$(
        impl $crate::codec::Encode for $name {
            fn encode(&self, writer: &mut $crate::codec::Writer) {
                match self {$(
                    $name::$variant $(($($item),*))? $({ $($field),* })? => {
                        writer.byte($tag);
                        $($($crate::codec!(@write writer $item);)*)?
                        $($($crate::codec!(@write writer $field $($version)?);)*)?
                    }
                )*}
            }
        }

        impl $crate::codec::Decode for $name {
            #[deny(unreachable_patterns)] // a tag used twice
            fn decode(reader: &mut $crate::codec::Reader<'_>) -> Result<$name, $crate::codec::DecodeError> {
                let at = reader.at();
                Ok(match reader.byte()? {
                    $($tag => {
                        $($(let $item = $crate::codec!(@read reader);)*)?
                        $($(let $field = $crate::codec!(@read reader $($version $default)?);)*)?
                        $name::$variant $(($($item),*))? $({ $($field),* })?
                    })*
                    tag => return Err(reader.unknown_tag(at, stringify!($name), tag)),
                })
            }
        }
    )+};

    (@check $value:ident) => {
        Ok::<(), String>(())
    };
    (@check $value:ident $check:ident) => {
        $check(&$value)
    };
    (@write $writer:ident $field:ident) => {
        $crate::codec::Encode::encode($field, $writer)
    };
    (@write $writer:ident $field:ident $version:literal) => {
        if $version <= $writer.version() {
            $crate::codec::Encode::encode($field, $writer)
        }
    };
    (@read $reader:ident) => {
        $crate::codec::Decode::decode($reader)?
    };
    (@read $reader:ident $version:literal $default:expr) => {
        if $version <= $reader.version() { $crate::codec::Decode::decode($reader)? } else { $default }
    };
}

pub use codec;
