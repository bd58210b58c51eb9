package link

import (
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"tributary/pipelines/warehouse"
)

// Ann and Ben are of one home, Cal and Dan of another, Eve lives nobody knows where. An undecided pair of
// Ann and Cal takes half a child; Eve has kin as surely as all others have; a chain of three takes two at
// most.
func TestExpect(t *testing.T) {
	t.Parallel()
	db, err := warehouse.Memory(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	exec(t, db, "attach ':memory:' as core", "attach ':memory:' as link",
		"create table core.quarter as select '2025-26Q1' as quarter, '2025-26' as fiscal_year",
		"create table who as select * from (values (1, 'ann', 'F1'), (2, 'ben', 'F1'), (3, 'cal', 'F2'), (4, 'dan', 'F2'), (5, 'eve', 'F3')) as t(node, child_id, family_id)",
		"create table core.client as select 'ELM' as agency, child_id as client_local_id, '2025-26Q1' as quarter, true as is_active from who",
		"create table link.client_family as select 'ELM' as agency, child_id as client_local_id, '2025-26Q1' as quarter, child_id, family_id, true as is_counted from who",
		"create table link.child as select node::bigint as node, node::bigint as first_node, child_id from who",
		"create table link.family as select node::bigint as node, node::bigint as first_node, family_id from who",
		"create table link.tie as select node, if(node = 5, 'surname', 'address') as kind from who",
		"create table link.family_pair (left_node bigint, right_node bigint, probability double, outcome varchar)",
		"create table link.pair as select * from (values (1, 3, .5, 'review'), (1, 4, .9, 'decided')) as t(left_node, right_node, probability, outcome)")
	expected := func() []string {
		if err := Expect(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		return texts(t, db, "select unit || ' ' || period || ' ' || counted || ' ' || expected || ' ' || low || '-' || high from link.expected order by unit, period")
	}
	want := []string{"child quarter 5 4.5 3-6", "child ytd 5 4.5 3-6", "family quarter 3 2.0 1-3", "family ytd 3 2.0 1-3"}
	if diff := gocmp.Diff(want, expected()); diff != "" {
		t.Error(diff)
	}
	exec(t, db, "insert into link.pair values (1, 2, .6, 'review'), (2, 3, .4, 'review')")
	if got, want := expected()[0], "child quarter 5 3.9 2-6"; got != want { // .6 and .5; .4 closes the ring
		t.Errorf("a ring of three: got %q, want %q", got, want)
	}
}
