package connectors

import (
	"context"
	"errors"
	"io"

	"tributary"
)

// Folders beside an agency's files of a quarter that are Tributary's own: Pull never brings what is in them.
const (
	// FeedbackFolder takes letters and marked copies.
	FeedbackFolder = "feedback"
	// TrialFolder is where an agency lays files to try; AnswersFolder, in it, takes what is said of them.
	TrialFolder   = "trial"
	AnswersFolder = "trial/answers"
)

// ErrOccupied says that a file of that name with content of somebody else lies there already.
var ErrOccupied = errors.New("a file with other content has that name")

// Returner is what a connector may also be: it puts files into Tributary's own folders beside an agency's
// files. Folder is FeedbackFolder or AnswersFolder, name a plain file name. Report feedback and trials call
// it, each file once per letter; the same call again changes nothing.
type Returner interface {
	// Return puts a file there, whole or not at all; the folder is made, the agency's own is not
	// (ErrNotReady). A file that has that name is replaced only when its SHA-256, in lower-case hex, is
	// over, or its content is the same; else the answer is ErrOccupied. The context covers all writes.
	Return(ctx context.Context, agency string, q tributary.Quarter, folder, name, over string, r io.Reader) error
	// Returned opens what lies there; fs.ErrNotExist when nothing does. A person may have edited it.
	Returned(ctx context.Context, agency string, q tributary.Quarter, folder, name string) (io.ReadCloser, error)
	// Withdraw takes away a file whose SHA-256 is over; ErrOccupied when it has other content, nil when
	// nothing lies there.
	Withdraw(ctx context.Context, agency string, q tributary.Quarter, folder, name, over string) error
}

// Trialer is what a connector may also be: Trial is Pull for the folder TrialFolder beside the agency's
// files, with the same promises. ErrNotReady says that nothing lies there to try.
type Trialer interface {
	Trial(ctx context.Context, agency string, q tributary.Quarter, in *Inbox) error
}
