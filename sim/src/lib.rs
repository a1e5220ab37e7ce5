//! virtual clock, riders, drivers and key figures around the same dispatcher
