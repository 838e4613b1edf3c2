package tools

import (
	"errors"
	"io/fs"
	"os"

	"github.com/browseract/browseract-mcp/schemas"
	"github.com/browseract/browseract-mcp/tools/problem"
)

// saveError says why something was not saved, without the link and without a path
// of this machine. What comes to the model's mind next is right: hand over the link.
func (t *tools) saveError(id schemas.ID, err error) error {
	if err == nil {
		return nil
	}
	code, why := problem.Fetch(err)
	if errors.As(err, new(*fs.PathError)) || errors.As(err, new(*os.LinkError)) || errors.Is(err, fs.ErrExist) {
		code, why = "folder_unusable", "It could not be written: the operating system does not let this server write into the download folder. The user should check the folder, its space and its rights"
	}
	instead := " The user can open the link that get_task shows."
	if t.HideLiveURLs {
		instead = " The user finds it on the task's log page."
	}
	refused := fileRefusal(id, code, why+"."+instead)
	refused.Retryable = code == problem.CodeFileUnreachable
	return refused
}

func fileRefusal(id schemas.ID, code, message string) *problem.Error {
	return &problem.Error{Code: code, Message: message, NextStep: schemas.NextTask("get_task", string(id), "to see the task's files")}
}
