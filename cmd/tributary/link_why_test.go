package main

import "testing"

func TestDiffers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ left, right, want string }{
		{"Zoe", "Zoe", ""},
		{"Zoe", "", ""},
		{"O'Brien", "OBRIEN", "≈"},
		{"+19425550168", "942-555-0168", "≈"},
		{"942-555-0169", "942-555-0168", "≠"},
		{"10000000001", "0000000002", "≠"},
		{"Zoe", "Chloe", "≠"},
	} {
		if got := differs(tt.left, tt.right); got != tt.want {
			t.Errorf("%q and %q: got %q, want %q", tt.left, tt.right, got, tt.want)
		}
	}
}
