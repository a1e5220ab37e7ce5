//! speed questions
