//! Numbers in buckets: which of many are in this cell?

/// Each number is in one bucket or in none. Putting and taking out cost the same however many there are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Buckets {
    buckets: Vec<Vec<u32>>,
    /// Number -> its bucket and its position there.
    place: Vec<(u32, u32)>,
}

const NOWHERE: (u32, u32) = (u32::MAX, 0);

impl Buckets {
    pub fn new(count: usize) -> Buckets {
        Buckets { buckets: vec![Vec::new(); count], place: Vec::new() }
    }

    pub fn bucket(&self, bucket: usize) -> &[u32] {
        &self.buckets[bucket]
    }

    pub fn put(&mut self, number: u32, bucket: usize) {
        let index = number as usize;
        if self.place.len() <= index {
            self.place.resize(index + 1, NOWHERE);
        }
        if self.place[index].0 == bucket as u32 {
            return;
        }
        self.take_out(number);
        self.place[index] = (bucket as u32, self.buckets[bucket].len() as u32);
        self.buckets[bucket].push(number);
    }

    pub fn take_out(&mut self, number: u32) {
        let Some(place) = self.place.get_mut(number as usize) else { return };
        let (bucket, position) = std::mem::replace(place, NOWHERE);
        let Some(bucket) = self.buckets.get_mut(bucket as usize) else { return };
        bucket.swap_remove(position as usize);
        if let Some(&moved) = bucket.get(position as usize) {
            self.place[moved as usize].1 = position;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_where_they_were_put_last() {
        let mut buckets = Buckets::new(3);
        for number in 0..6 {
            buckets.put(number, number as usize % 3);
        }
        buckets.put(0, 2);
        buckets.put(5, 2);
        buckets.take_out(1);
        buckets.take_out(1);
        buckets.take_out(77);
        let sorted = |bucket| {
            let mut numbers = buckets.bucket(bucket).to_vec();
            numbers.sort_unstable();
            numbers
        };
        assert_eq!([sorted(0), sorted(1), sorted(2)], [vec![3], vec![4], vec![0, 2, 5]]);
    }
}
