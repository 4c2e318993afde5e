//! lobster on the common workload: `execute` for every message, its fills counted.

use lobster::{OrderBook, OrderEvent, OrderType, Side};
use stream::{Message, Operation, Traded};

fn main() -> Result<(), String> {
    stream::run(|_| OrderBook::default(), play)
}

fn play(book: &mut OrderBook, messages: &[Message]) -> Result<Traded, String> {
    let mut traded = Traded::default();
    for message in messages {
        let event = book.execute(order(message));
        if let OrderEvent::Filled { fills, .. } | OrderEvent::PartiallyFilled { fills, .. } = event {
            fills.iter().for_each(|fill| traded.add(fill.qty));
        }
    }
    Ok(traded)
}

fn order(message: &Message) -> OrderType {
    let (id, qty) = (u128::from(message.id), u64::from(message.quantity));
    let side = if message.buy { Side::Bid } else { Side::Ask };
    match message.operation {
        Operation::Add => OrderType::Limit { id, side, qty, price: message.price as u64 },
        Operation::Cancel => OrderType::Cancel { id },
        Operation::Market => OrderType::Market { id, side, qty },
    }
}
