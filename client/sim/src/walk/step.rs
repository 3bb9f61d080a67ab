//! What can happen next. A step says all that it needs, so that a walk without some of its steps is a walk again.

use crate::dice::Dice;
use crate::world::Survives;

/// One thing that happens. Nodes, channels and links are numbers that are brought into range, amounts are in units of the
/// walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A payment without a condition, several of them in one turn.
    Pay {
        /// Who.
        by: usize,
        /// In which of its channels.
        second: bool,
        /// How many payments.
        count: u64,
        /// How much each.
        units: u64,
    },
    /// A payment under a hash to the other end.
    Send {
        /// From the last node to the first instead.
        is_backwards: bool,
        /// Who knows the secret.
        secret: Secret,
        /// How much.
        units: u64,
        /// Until it expires.
        seconds: u64,
    },
    /// A top-up.
    Deposit {
        /// Who.
        by: usize,
        /// In which of its channels.
        second: bool,
        /// How much.
        units: u64,
    },
    /// A withdrawal; of nothing, a checkpoint.
    Withdraw {
        /// Who.
        by: usize,
        /// From which of its channels.
        second: bool,
        /// How much.
        units: u64,
        /// Until its deadline.
        seconds: u64,
    },
    /// Words of the user.
    Message {
        /// Who.
        by: usize,
        /// In which of its channels.
        second: bool,
    },
    /// The cooperative close.
    Close {
        /// Who.
        by: usize,
        /// Which of its channels.
        second: bool,
    },
    /// A dispute by an honest user.
    Challenge {
        /// Who.
        by: usize,
        /// About which of its channels.
        second: bool,
    },
    /// Frames arrive.
    Deliver {
        /// On which link.
        link: usize,
        /// How many.
        count: u64,
    },
    /// An earlier frame arrives again.
    Repeat {
        /// On which link.
        link: usize,
        /// How many frames before the newest.
        back: usize,
    },
    /// An earlier frame arrives with another byte in it.
    Garble {
        /// On which link.
        link: usize,
        /// How many frames before the newest.
        back: usize,
        /// Where the byte is.
        at: usize,
    },
    /// A link goes down, and what it carries is lost.
    Cut {
        /// The link to the last node instead of the first.
        second: bool,
    },
    /// A link comes back.
    Connect {
        /// The link to the last node instead of the first.
        second: bool,
    },
    /// A process dies and starts again.
    Crash {
        /// Whose.
        node: usize,
    },
    /// A process dies of the next frame that it gets, and starts again.
    Die {
        /// On which link.
        link: usize,
        /// What of that turn reaches the disk.
        survives: Survives,
    },
    /// The disk of the careless node is copied.
    Copy,
    /// The careless node's disk is replaced by the copy.
    Replace {
        /// Its operator does not know that the copy is old.
        is_unknown: bool,
    },
    /// A block that nobody hears of yet.
    Block {
        /// After so many seconds.
        seconds: u64,
    },
    /// A node hears of the newest block.
    Tell {
        /// Which node.
        node: usize,
    },
    /// Time passes; all hear of every block, and all frames arrive.
    Wait {
        /// How much time.
        seconds: u64,
    },
    /// The newest blocks are replaced.
    Reorg {
        /// How many.
        depth: usize,
        /// Decides the order in which their calls come again.
        luck: u64,
    },
    /// The chain takes no calls.
    Congest {
        /// For how long.
        seconds: u64,
    },
    /// Somebody publishes a state that was complete once, however old.
    Cheat {
        /// In which channel.
        second: bool,
        /// Which of the states.
        which: usize,
        /// In whose name.
        by: usize,
    },
    /// Somebody submits a call again that was asked for before.
    Again {
        /// Which of the calls.
        which: usize,
    },
}

/// Who knows the secret of a payment under a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The payee made it, and waits for the payment.
    Payee,
    /// The payer made it, and seals it to the payee.
    Payer,
    /// Nobody that would show it.
    Nobody,
}

impl Step {
    /// A step by chance, of those that leave channels open if there is to be peace.
    pub fn draw(dice: &mut Dice, is_peaceful: bool) -> Self {
        loop {
            let step = Self::draw_any(dice);
            if !is_peaceful || !step.is_hostile() {
                return step;
            }
        }
    }

    const fn is_hostile(&self) -> bool {
        matches!(
            self,
            Self::Garble { .. }
                | Self::Close { .. }
                | Self::Challenge { .. }
                | Self::Cheat { .. }
                | Self::Again { .. }
        )
    }

    fn draw_any(dice: &mut Dice) -> Self {
        match dice.within(1..=1000) {
            1..=400 => Self::Deliver {
                link: dice.index(4),
                count: dice.within(1..=4),
            },
            401..=600 => Self::draw_wish(dice),
            601..=790 => Self::draw_time(dice),
            791..=990 => Self::draw_trouble(dice),
            _ => Self::draw_end(dice),
        }
    }

    fn draw_wish(dice: &mut Dice) -> Self {
        let (by, second) = (dice.index(3), dice.once_in(2));
        match dice.within(1..=100) {
            1..=35 => Self::Pay {
                by,
                second,
                count: if dice.once_in(4) {
                    dice.within(2..=6)
                } else {
                    1
                },
                units: dice.within(1..=20),
            },
            36..=80 => Self::Send {
                is_backwards: dice.once_in(2),
                secret: match dice.within(1..=5) {
                    1 | 2 => Secret::Payee,
                    3 | 4 => Secret::Payer,
                    _ => Secret::Nobody,
                },
                units: dice.within(1..=200),
                seconds: dice.within(1030..=2400),
            },
            81..=87 => Self::Deposit {
                by,
                second,
                units: dice.within(1..=10),
            },
            88..=96 => Self::Withdraw {
                by,
                second,
                units: dice.within(0..=30),
                seconds: dice.within(30..=600),
            },
            _ => Self::Message { by, second },
        }
    }

    fn draw_time(dice: &mut Dice) -> Self {
        match dice.within(1..=100) {
            1..=45 => Self::Block {
                seconds: dice.within(1..=60),
            },
            46..=85 => Self::Tell {
                node: dice.index(3),
            },
            86..=95 => Self::Reorg {
                depth: dice.within(1..=2) as usize,
                luck: dice.within(0..=u64::MAX - 1),
            },
            96..=98 => Self::Wait {
                seconds: dice.within(60..=1500),
            },
            _ => Self::Congest {
                seconds: dice.within(60..=2400),
            },
        }
    }

    fn draw_trouble(dice: &mut Dice) -> Self {
        let (link, back) = (dice.index(4), dice.index(3));
        match dice.within(1..=100) {
            1..=12 => Self::Cut {
                second: dice.once_in(2),
            },
            13..=52 => Self::Connect {
                second: dice.once_in(2),
            },
            53..=64 => Self::Crash {
                node: dice.index(3),
            },
            65..=78 => Self::Die {
                link,
                survives: if dice.once_in(2) {
                    Survives::Records
                } else {
                    Survives::Nothing
                },
            },
            79..=92 => Self::Repeat { link, back },
            93 => Self::Garble {
                link,
                back,
                at: dice.index(300),
            },
            94..=98 => Self::Copy,
            _ => Self::Replace {
                is_unknown: dice.once_in(2),
            },
        }
    }

    fn draw_end(dice: &mut Dice) -> Self {
        let (by, second) = (dice.index(3), dice.once_in(2));
        match dice.within(1..=10) {
            1 | 2 => Self::Close { by, second },
            3 => Self::Challenge { by, second },
            4..=6 => Self::Cheat {
                second,
                which: dice.index(1000),
                by,
            },
            _ => Self::Again {
                which: dice.index(1000),
            },
        }
    }

    /// The same step with less in it; none when there is no less.
    pub fn smaller(&self) -> Option<Self> {
        let mut step = self.clone();
        let number = match &mut step {
            Self::Pay { count, .. } if *count > 1 => count,
            Self::Deliver { count, .. } => count,
            Self::Pay { units, .. } | Self::Send { units, .. } | Self::Deposit { units, .. } => {
                units
            }
            Self::Block { seconds } => seconds,
            _ => return None,
        };
        *number = number.div_ceil(2);
        (step != *self).then_some(step)
    }
}
