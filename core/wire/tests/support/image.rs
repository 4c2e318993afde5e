//! Small valid files, to be damaged.

use omni_wire::itch;

/// A short valid ITCH session: an add, then what can happen to it.
pub fn valid_itch() -> Vec<u8> {
    let mut bytes = Vec::new();
    for (at, kind) in b"SRHAFAECXUDPQB".iter().enumerate() {
        let length = itch::length(*kind).unwrap();
        let mut message = vec![0_u8; length];
        message[0] = *kind;
        message[2] = 1;
        message[length - 1] = 9;
        if length > 24 {
            message[18] = at as u8;
            (message[19], message[23]) = (b'B', 5);
        }
        bytes.extend((length as u16).to_be_bytes());
        bytes.extend(message);
    }
    bytes
}

/// A valid DBN v3 image with a symbol mapped and records of several types.
pub fn valid_dbn() -> Vec<u8> {
    let mut header = vec![0_u8; 104];
    header[..9].copy_from_slice(b"GLBX.MDP3");
    header[16..18].copy_from_slice(&u16::MAX.to_le_bytes());
    header[45] = 71;
    let mut symbol = [0_u8; 71];
    symbol[..4].copy_from_slice(b"ESH4");
    for count in [1_u32, 0, 0] {
        header.extend(count.to_le_bytes());
        header.extend(&symbol[..71 * count as usize]);
    }
    header.extend(1_u32.to_le_bytes());
    header.extend(symbol);
    header.extend(1_u32.to_le_bytes());
    header.extend([0; 8]);
    header.extend(symbol);
    let mut bytes = b"DBN\x03".to_vec();
    bytes.extend((header.len() as u32).to_le_bytes());
    bytes.extend(header);
    for (rtype, length) in [(0xA0, 56), (0xA0, 56), (0, 48), (1, 80), (0x0A, 368), (0x21, 56), (0x12, 40), (0x13, 520)]
    {
        let mut record = vec![0_u8; length];
        (record[0], record[1], record[4]) = ((length / 4) as u8, rtype, 1);
        let letters = if rtype == 0xA0 { 38 } else { 28 };
        (record[letters], record[letters + 1], record[32]) = (b'A', b'B', 1);
        bytes.extend(record);
    }
    bytes
}
