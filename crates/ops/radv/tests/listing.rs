//! What a listing says of loads.

use ops_radv::{Compiled, Loads};
use std::collections::BTreeMap;

fn compiled(assembly: &str) -> Compiled {
    Compiled { statistics: BTreeMap::new(), assembly: assembly.to_owned() }
}

#[test]
fn loads_behind_the_first_wait_do_not_count() {
    let text = "
        s_waitcnt vmcnt(0)
        buffer_load_dwordx4 v[0:3], v4, s[0:3], 0 offen
        buffer_load_dwordx4 v[4:7], v4, s[0:3], 0 offen
        s_waitcnt vmcnt(1) ; bf8c3f71
        global_load_dwordx4 v[8:11], v[0:1], off";
    assert_eq!(compiled(text).loads(), Some(Loads { all: 3, before_wait: 2 }));
    assert_eq!(compiled(text).loads_of_loops(), []);
    assert_eq!(compiled("s_endpgm").loads(), None);
}

#[test]
fn loops_in_loops_count_and_so_do_outer_ones_whose_inner_ones_load_nothing() {
    let text = "
    BB1:
        buffer_load_dword v9, v4, s[0:3], 0 offen
    BB2:
        buffer_load_dwordx4 v[0:3], v4, s[0:3], 0 offen
        s_waitcnt_vscnt null, 0x0
        buffer_load_dwordx4 v[4:7], v4, s[0:3], 0 offen
        s_waitcnt vmcnt(0) lgkmcnt(0)
        s_cbranch_scc1 BB4
        buffer_load_dwordx4 v[8:11], v4, s[0:3], 0 offen
        s_branch BB2
    BB4:
        s_cbranch_scc0 BB1
    BB5:
        s_waitcnt vmcnt(0)
        buffer_load_dwordx4 v[0:3], v4, s[0:3], 0 offen
    BB6:
        ds_read_b128 v[0:3], v4
        s_cbranch_scc0 BB6
        s_cbranch_scc0 BB5
        s_endpgm";
    assert_eq!(
        compiled(text).loads_of_loops(),
        [Loads { all: 3, before_wait: 2 }, Loads { all: 1, before_wait: 1 }]
    );
}
