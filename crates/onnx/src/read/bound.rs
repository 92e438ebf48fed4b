//! How many messages and strings a file holds, counted in its bytes before any of them is decoded: an empty
//! one takes two bytes there, and hundreds once it is decoded.

/// Strings and other leaves that a model may hold.
const MOST: usize = 1 << 21;

/// Leaves that a message counts as which may hold others: so much larger it is once it is decoded.
const MESSAGE: usize = 8;

/// Messages within messages that are looked into; the decoder goes no deeper.
const DEEPEST: usize = 100;

/// A message of the schema that may hold many others.
#[derive(Clone, Copy)]
enum Kind {
    Model,
    Training,
    Function,
    Graph,
    Node,
    Attribute,
    Tensor,
    Sparse,
    Value,
    Type,
    TensorType,
    Sequence,
    Map,
    Device,
    Sharding,
    /// One that holds none which hold others.
    Flat,
}

/// Which message the field of this number is, where it is one that may hold many others.
const fn field(of: Kind, number: u64) -> Option<Kind> {
    Some(match (of, number) {
        (Kind::Model, 7) | (Kind::Training, 1 | 2) | (Kind::Attribute, 6 | 11) => Kind::Graph,
        (Kind::Model, 20) => Kind::Training,
        (Kind::Model, 25) => Kind::Function,
        (Kind::Graph, 1) | (Kind::Function, 7) => Kind::Node,
        (Kind::Node, 5) | (Kind::Function, 11) => Kind::Attribute,
        (Kind::Graph, 5) | (Kind::Attribute, 5 | 10) | (Kind::Sparse, 1 | 2) => Kind::Tensor,
        (Kind::Graph, 15) | (Kind::Attribute, 22 | 23) => Kind::Sparse,
        (Kind::Graph, 11..=13) | (Kind::Function, 12) => Kind::Value,
        (Kind::Value, 2) | (Kind::Attribute, 14 | 15) => Kind::Type,
        (Kind::Sequence, 1) | (Kind::Map, 2) => Kind::Type,
        (Kind::Type, 1 | 8) => Kind::TensorType,
        (Kind::Type, 4 | 9) => Kind::Sequence,
        (Kind::Type, 5) => Kind::Map,
        (Kind::Node, 10) => Kind::Device,
        (Kind::Device, 2) => Kind::Sharding,
        (Kind::Model, 26) | (Kind::Graph, 14) | (Kind::TensorType, 2) | (Kind::Sharding, 3 | 4) => {
            Kind::Flat
        }
        _ => return None,
    })
}

/// Whether a model of these bytes is small once it is decoded. Where the bytes are no model, those before
/// the fault count: what is wrong with them the decoder says.
pub(super) fn is_bounded(bytes: &[u8]) -> bool {
    let mut left = MOST;
    count(bytes, Kind::Model, DEEPEST, &mut left).is_some()
}

/// Takes the messages and strings in a message from `left`; `None` where there are more.
fn count(mut bytes: &[u8], of: Kind, depth: usize, left: &mut usize) -> Option<()> {
    while let Some((number, content)) = next(&mut bytes) {
        let Some(content) = content else { continue };
        let message = field(of, number);
        *left = left.checked_sub(if message.is_some() { MESSAGE } else { 1 })?;
        if let (Some(kind), 1..) = (message, depth) {
            count(content, kind, depth - 1, left)?;
        }
    }
    Some(())
}

/// The next field's number, and its content where that has a length; `None` at the end or a fault.
fn next<'a>(bytes: &mut &'a [u8]) -> Option<(u64, Option<&'a [u8]>)> {
    let tag = varint(bytes)?;
    let skipped = match tag & 7 {
        0 => {
            varint(bytes)?;
            0
        }
        1 => 8,
        2 => {
            let len = usize::try_from(varint(bytes)?).ok()?;
            // Of a message that is cut off, what is there gets decoded.
            let (content, rest) = bytes.split_at(len.min(bytes.len()));
            *bytes = rest;
            return Some((tag >> 3, Some(content)));
        }
        // Groups are passed over field by field.
        3 | 4 => 0,
        5 => 4,
        _ => return None,
    };
    *bytes = bytes.get(skipped..)?;
    Some((tag >> 3, None))
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut all = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        all |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(all);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::{Attribute, Dimension, Graph, Model, Node, TensorShape, Type, TypeTensor};
    use prost::Message;

    const MANY: usize = MOST / MESSAGE;

    fn of_graph(graph: Graph) -> Vec<u8> {
        Model { graph: Some(graph), ..Model::default() }.encode_to_vec()
    }

    fn of_attribute(attribute: Attribute) -> Vec<u8> {
        let node = Node { attribute: vec![attribute], ..Node::default() };
        of_graph(Graph { node: vec![node], ..Graph::default() })
    }

    #[test]
    fn floods_are_found_wherever_they_stand() {
        let nodes =
            |count| of_graph(Graph { node: vec![Node::default(); count], ..Graph::default() });
        let names = Node { input: vec![String::new(); MOST], ..Node::default() };
        let shape = TensorShape { dim: vec![Dimension::default(); MOST] };
        let tensor = TypeTensor { shape: Some(shape), ..TypeTensor::default() };
        let inner = Type { tensor_type: Some(Box::new(tensor)), ..Type::default() };
        let floods = [
            nodes(MANY),
            of_graph(Graph { node: vec![names], ..Graph::default() }),
            of_attribute(Attribute { tp: Some(Box::new(inner)), ..Attribute::default() }),
            // A flood that ends in a fault is decoded up to there.
            [nodes(MANY), vec![0xff; 16]].concat(),
            nodes(MANY + 9)[..2 * MANY + 10].to_vec(),
        ];
        for (i, flood) in floods.iter().enumerate() {
            assert!(!is_bounded(flood), "{i}");
        }
        assert!(is_bounded(&nodes(MANY - 1)));
    }

    #[test]
    fn weights_are_no_messages() {
        let weights =
            crate::proto::Tensor { raw_data: vec![0x0a; 4 * MOST].into(), ..Default::default() };
        assert!(is_bounded(&of_graph(Graph { initializer: vec![weights], ..Graph::default() })));
        assert!(is_bounded(&[]) && is_bounded(&[0xff; 64]));
    }
}
