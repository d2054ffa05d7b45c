// Package recordstest is the suite that every records.Store passes.
//
// It owns what the interfaces of package records promise, among them what callers rely on when they
// act at the same time: one winner of a swap, an administrator who stays, one chain of audit rows.
// What only one database promises (the mode of a file, say) is tested beside it. Start reading at
// recordstest.go.
package recordstest
