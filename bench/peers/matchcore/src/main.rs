//! matchcore on the common workload. An order's id is the sequence number of the command that brought it, so the commands
//! are made beforehand, where it isn't timed.

use matchcore::{
    CancelCmd, Command, CommandKind, CommandMeta, CommandOutcome, CommandReport, LimitOrder, MarketOrder, NewOrder,
    OrderBook, OrderFlags, OrderId, OrderKind, Price, Quantity, QuantityPolicy, SequenceNumber, Side, SubmitCmd,
    TimeInForce, Timestamp,
};
use stream::{Message, Operation, Traded};

fn main() -> Result<(), String> {
    stream::run(|messages| (OrderBook::new("W1"), commands(messages)), |(book, commands), _| play(book, commands))
}

fn play(book: &mut OrderBook, commands: &[Command]) -> Result<Traded, String> {
    let mut traded = Traded::default();
    for command in commands {
        let outcome = book.execute(command);
        count(&outcome, &mut traded)?;
    }
    Ok(traded)
}

#[inline]
fn count(outcome: &CommandOutcome, traded: &mut Traded) -> Result<(), String> {
    match outcome {
        CommandOutcome::Applied(CommandReport::Submit(effects)) => {
            let matched = effects.target_order().match_result();
            let trades = matched.map(|result| result.trades()).unwrap_or_default();
            trades.iter().for_each(|trade| traded.add(trade.quantity().0));
            Ok(())
        }
        CommandOutcome::Applied(_) => Ok(()),
        CommandOutcome::Rejected(failure) => Err(format!("rejected: {failure:?}")),
    }
}

fn commands(messages: &[Message]) -> Vec<Command> {
    let mut numbers = vec![0; messages.len() + 2];
    let mut make = |(message, number): (&Message, u64)| {
        if message.operation != Operation::Cancel {
            numbers[message.id as usize] = number;
        }
        let meta = CommandMeta { sequence_number: SequenceNumber(number), timestamp: Timestamp(number) };
        Command { meta, kind: kind(message, OrderId(numbers[message.id as usize])) }
    };
    messages.iter().zip(0..).map(&mut make).collect()
}

fn kind(message: &Message, order_id: OrderId) -> CommandKind {
    let side = if message.buy { Side::Buy } else { Side::Sell };
    let quantity = Quantity(u64::from(message.quantity));
    match message.operation {
        Operation::Cancel => CommandKind::Cancel(CancelCmd { order_id, order_kind: OrderKind::Limit }),
        Operation::Market => {
            CommandKind::Submit(SubmitCmd { order: NewOrder::Market(MarketOrder::new(quantity, side, false)) })
        }
        Operation::Add => {
            let flags = OrderFlags::new(side, false, TimeInForce::Gtc);
            let policy = QuantityPolicy::Standard { quantity };
            let order = LimitOrder::new(Price(message.price as u64), policy, flags);
            CommandKind::Submit(SubmitCmd { order: NewOrder::Limit(order) })
        }
    }
}
