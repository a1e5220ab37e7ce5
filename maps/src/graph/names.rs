//! Names of roads: one text, and where in it each of them ends.

use crate::column::Column;
use crate::graph::BrokenGraph;

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Names {
    /// All names, one after the other, in UTF-8.
    text: Column<u8>,
    /// Name -> its end in the text, at a character's end; never falls.
    end: Column<u32>,
}

impl Names {
    /// Checks that the text is one, is divided between characters, and that name 0 is the empty one.
    pub(super) fn of_columns(text: Column<u8>, end: Column<u32>) -> Result<Names, BrokenGraph> {
        let whole = str::from_utf8(&text).map_err(|_| BrokenGraph::Names)?;
        let is_divided = end.first() == Some(&0)
            && end.last().is_some_and(|&last| last as usize == whole.len())
            && end.is_sorted()
            && end.iter().all(|&end| whole.is_char_boundary(end as usize));
        if is_divided { Ok(Names { text, end }) } else { Err(BrokenGraph::Names) }
    }

    pub(super) fn len(&self) -> usize {
        self.end.len()
    }

    pub(super) fn text(&self) -> &Column<u8> {
        &self.text
    }

    pub(super) fn end(&self) -> &Column<u32> {
        &self.end
    }

    pub(super) fn get(&self, name: usize) -> &str {
        let start = if name == 0 { 0 } else { self.end[name - 1] as usize };
        let bytes = &self.text[start..self.end[name] as usize];
        str::from_utf8(bytes).expect("a text divided between characters: made of names, or Names::of_columns")
    }
}

impl<'a> FromIterator<&'a str> for Names {
    /// Panics if they take more than four gigabytes together.
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Names {
        let (mut text, mut end) = (Vec::new(), Vec::new());
        for name in names {
            text.extend_from_slice(name.as_bytes());
            end.push(u32::try_from(text.len()).expect("the roads of a map have less than 4 GB of names"));
        }
        Names { text: text.into(), end: end.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, end: &[u32]) -> Result<Names, BrokenGraph> {
        Names::of_columns(text.as_bytes().to_vec().into(), end.to_vec().into())
    }

    #[test]
    fn names_are_found_in_the_text() {
        let names: Names = ["", "Straße", "", "本通り"].into_iter().collect();
        assert_eq!([0, 1, 2, 3].map(|name| names.get(name)), ["", "Straße", "", "本通り"]);
        assert_eq!(Names::of_columns(names.text.clone(), names.end.clone()), Ok(names));
    }

    #[test]
    fn texts_divided_wrongly_are_refused() {
        assert!(of("aß", &[0, 1, 3]).is_ok());
        let wrong: [&[u32]; 6] = [&[], &[1, 3], &[0, 1], &[0, 2, 3], &[0, 3, 1, 3], &[0, 4]];
        assert!(wrong.iter().all(|end| of("aß", end) == Err(BrokenGraph::Names)));
        assert!(Names::of_columns(vec![0xff].into(), vec![0, 1].into()).is_err());
    }
}
