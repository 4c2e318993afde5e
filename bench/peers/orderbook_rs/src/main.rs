//! orderbook-rs on the common workload, by one thread: `add_limit_order`, `cancel_order` and `submit_market_order`.

use orderbook_rs::{DefaultOrderBook, Id, OrderBookError, Side, TimeInForce};
use stream::{Message, Operation, Traded};

fn main() -> Result<(), String> {
    stream::run(|_| DefaultOrderBook::new("W1"), |book, messages| play(book, messages))
}

fn play(book: &DefaultOrderBook, messages: &[Message]) -> Result<Traded, String> {
    let mut traded = Traded::default();
    for message in messages {
        take(book, message, &mut traded).map_err(|error| format!("order {}: {error}", message.id))?;
    }
    Ok(traded)
}

#[inline]
fn take(book: &DefaultOrderBook, message: &Message, traded: &mut Traded) -> Result<(), OrderBookError> {
    let (id, quantity) = (Id::from_u64(message.id), u64::from(message.quantity));
    let side = if message.buy { Side::Buy } else { Side::Sell };
    match message.operation {
        Operation::Add => {
            book.add_limit_order(id, message.price as u128, quantity, side, TimeInForce::Gtc, None)?;
        }
        Operation::Cancel => {
            book.cancel_order(id)?;
        }
        Operation::Market => {
            let matched = book.submit_market_order(id, quantity, side)?;
            matched.trades().as_vec().iter().for_each(|trade| traded.add(trade.quantity().as_u64()));
        }
    }
    Ok(())
}
