//! Numbered things in buckets: which of many are in this cell, side by side to be read one after the other.

/// What is kept in a bucket, with its number.
pub(crate) trait Numbered {
    fn number(&self) -> u32;
}

/// Each number is in one bucket or in none. Putting and taking out cost the same however many there are.
#[derive(Clone, Debug)]
pub(crate) struct Buckets<T> {
    buckets: Vec<Vec<T>>,
    /// Number -> its bucket and its position there.
    place: Vec<(u32, u32)>,
}

const NOWHERE: (u32, u32) = (u32::MAX, 0);

impl<T: Numbered + Clone> Buckets<T> {
    pub fn new(count: usize) -> Buckets<T> {
        Buckets { buckets: vec![Vec::new(); count], place: Vec::new() }
    }

    /// What is in a bucket; nothing if there is no such bucket.
    pub fn bucket(&self, bucket: usize) -> &[T] {
        self.buckets.get(bucket).map_or(&[], Vec::as_slice)
    }

    pub fn put(&mut self, thing: T, bucket: usize) {
        let number = thing.number();
        let index = number as usize;
        if self.place.len() <= index {
            self.place.resize(index + 1, NOWHERE);
        }
        if self.place[index].0 == bucket as u32 {
            self.buckets[bucket][self.place[index].1 as usize] = thing;
            return;
        }
        self.take_out(number);
        self.place[index] = (bucket as u32, self.buckets[bucket].len() as u32);
        self.buckets[bucket].push(thing);
    }

    pub fn take_out(&mut self, number: u32) {
        let Some(place) = self.place.get_mut(number as usize) else { return };
        let (bucket, position) = std::mem::replace(place, NOWHERE);
        let Some(bucket) = self.buckets.get_mut(bucket as usize) else { return };
        bucket.swap_remove(position as usize);
        if let Some(moved) = bucket.get(position as usize) {
            self.place[moved.number() as usize].1 = position;
        }
    }
}

impl<T> Default for Buckets<T> {
    fn default() -> Buckets<T> {
        Buckets { buckets: Vec::new(), place: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Numbered for (u32, char) {
        fn number(&self) -> u32 {
            self.0
        }
    }

    #[test]
    fn numbers_are_where_they_were_put_last() {
        let mut buckets = Buckets::new(3);
        for number in 0..6 {
            buckets.put((number, 'a'), number as usize % 3);
        }
        buckets.put((0, 'b'), 2);
        buckets.put((5, 'b'), 2);
        buckets.take_out(1);
        buckets.take_out(1);
        buckets.take_out(77);
        let sorted = |bucket| {
            let mut things = buckets.bucket(bucket).to_vec();
            things.sort_unstable();
            things
        };
        let expected = [vec![(3, 'a')], vec![(4, 'a')], vec![(0, 'b'), (2, 'a'), (5, 'b')]];
        assert_eq!([sorted(0), sorted(1), sorted(2)], expected);
    }
}
