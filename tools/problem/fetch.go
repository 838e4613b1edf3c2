package problem

import (
	"context"
	"errors"

	"github.com/browseract/browseract-mcp/tools/download"
)

// Fetch returns why the link of a file or screenshot was not fetched: a code, and a
// sentence without its full stop.
func Fetch(err error) (code, why string) {
	switch status, isStatus := errors.AsType[*download.StatusError](err); {
	case errors.Is(err, download.ErrNotHTTPS):
		return "file_refused", "It was not fetched: its link is not https"
	case errors.Is(err, download.ErrAddress):
		return "file_refused", "It was not fetched: its link leads to a private or local address"
	case errors.Is(err, download.ErrRedirect):
		return "file_refused", "It was not fetched: its link redirects, and redirects are not followed"
	case errors.Is(err, download.ErrTooLarge):
		return "file_too_large", "It is larger than this server fetches"
	case isStatus && status.Code < 500:
		return "file_gone", "Its link is no longer accepted"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return CodeFileUnreachable, "It could not be fetched in the time of this call"
	}
	return CodeFileUnreachable, "It could not be fetched: the connection failed. This server fetches files directly and through no proxy"
}
