//! Texts as they are compared: what is heard on the telephone decides, not how somebody typed it.

use unicode_normalization::UnicodeNormalization;

/// The long mark is a letter to Unicode, and written or left out as one likes.
const LONG_MARK: char = 'ー';
/// Katakana that have a hiragana at this distance.
const KATAKANA: std::ops::RangeInclusive<char> = 'ァ'..='ヶ';
const KATAKANA_MARKS: std::ops::RangeInclusive<char> = 'ヽ'..='ヾ';
const TO_HIRAGANA: u32 = 0x60;

/// Hiragana and katakana, wide and narrow, large and small letters are one; long marks, spaces and signs are none.
pub fn folded(text: &str) -> String {
    let letters = text.nfkc().flat_map(char::to_lowercase).nfkc();
    letters.filter(|letter| letter.is_alphanumeric() && *letter != LONG_MARK).map(hiragana).collect()
}

fn hiragana(letter: char) -> char {
    let is_katakana = KATAKANA.contains(&letter) || KATAKANA_MARKS.contains(&letter);
    let moved = is_katakana.then(|| char::from_u32(u32::from(letter) - TO_HIRAGANA)).flatten();
    moved.unwrap_or(letter)
}

/// A telephone number, or a part of one, as it is dialled inside Japan: `+81 90-…` and `090…` are one. `None` for
/// what has other signs in it than such numbers are written with, or no digit.
pub fn dialled(text: &str) -> Option<String> {
    let mut digits = String::new();
    let mut is_abroad = false;
    for letter in text.nfkc() {
        match letter {
            '0'..='9' => digits.push(letter),
            '+' if digits.is_empty() && !is_abroad => is_abroad = true,
            '-' | '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' | '(' | ')' | '.' | '/' | LONG_MARK => {}
            _ if letter.is_whitespace() => {}
            _ => return None,
        }
    }
    if let Some(inside) = digits.strip_prefix("81").filter(|_| is_abroad) {
        return Some(format!("0{}", inside.strip_prefix('0').unwrap_or(inside)));
    }
    (!digits.is_empty()).then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_same(texts: &[&str]) {
        for text in texts {
            assert_eq!(folded(text), folded(texts[0]), "{text} and {}", texts[0]);
        }
    }

    #[test]
    fn what_sounds_alike_is_alike() {
        check_same(&["さとう はなこ", "サトウ　ハナコ", "ｻﾄｳ ﾊﾅｺ", "サトウ・ハナコ", "さとうはなこ"]);
        check_same(&["ガ", "ｶﾞ", "か\u{3099}", "が"]);
        check_same(&["ローラ", "ろら", "ﾛｰﾗ", "ろーらー"]);
        check_same(&["ＡＢＥ Shinzo", "abe shinzo", "ＡｂｅＳＨＩＮＺＯ"]);
        check_same(&["ヴァ", "ゔぁ"]);
        check_same(&["佐藤 花子", "佐藤花子", "佐藤　花子"]);
        assert_ne!(folded("さとう"), folded("さとお"));
        assert_ne!(folded("はな"), folded("ばな"));
        assert_eq!(folded("ー ・"), "");
        assert_eq!(folded("佐々木"), "佐々木");
    }

    #[test]
    fn numbers_are_what_one_dials() {
        for text in
            ["090-1234-5678", "０９０ー１２３４ー５６７８", "+81 90 1234 5678", "+81(0)90-1234-5678", "(090)1234.5678"]
        {
            assert_eq!(dialled(text).as_deref(), Some("09012345678"), "{text}");
        }
        assert_eq!(dialled("+44 20 7946 0000").as_deref(), Some("442079460000"));
        assert_eq!(dialled("+81").as_deref(), Some("0"));
        for text in ["", "-", "+", "さとう", "090x", "8+1", "++81"] {
            assert_eq!(dialled(text), None, "{text:?}");
        }
    }
}
