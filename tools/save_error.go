package tools

import (
	"context"
	"errors"
	"io/fs"
	"os"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/download"
)

// saveError says why something was not saved, without the link and without a path
// of this machine. What comes to the model's mind next is right: hand over the link.
func (t *toolset) saveError(id schemas.ID, err error) error {
	if err == nil {
		return nil
	}
	code, why := unfetched(err)
	if errors.As(err, new(*fs.PathError)) || errors.As(err, new(*os.LinkError)) || errors.Is(err, fs.ErrExist) {
		code, why = "folder_unusable", "It could not be written: the operating system does not let this server write into the download folder. The user should check the folder, its space and its rights"
	}
	instead := " The user can open the link that get_task tells."
	if t.HideLiveURLs {
		instead = " The user finds it on the task's log page."
	}
	refused := fileRefusal(id, code, why+"."+instead)
	refused.Retryable = code == codeUnfetched
	return refused
}

const codeUnfetched = "file_unreachable"

// unfetched says why a link was not fetched: a code, and a sentence that lacks its
// full stop.
func unfetched(err error) (code, why string) {
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
		return "file_gone", "Its link is not accepted any more"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return codeUnfetched, "It could not be fetched in the time of this call"
	}
	return codeUnfetched, "It could not be fetched: the connection failed. This server fetches files directly and through no proxy"
}

func fileRefusal(id schemas.ID, code, message string) *refusal {
	return &refusal{Code: code, Message: message, NextStep: nextTask("get_task", string(id), "to see the task's files")}
}
