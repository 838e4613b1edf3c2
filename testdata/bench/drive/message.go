package drive

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
)

// Initialize are the params of the request that opens a session.
const Initialize = `{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}`

// request writes a request; params may be empty.
func request(id, method, params string) string {
	if params == "" {
		params = "{}"
	}
	return fmt.Sprintf(`{"jsonrpc":"2.0","id":%s,"method":%q,"params":%s}`, id, method, params)
}

// ListTasks returns the params of a call of list_tasks.
func ListTasks(limit int) string {
	return fmt.Sprintf(`{"name":"list_tasks","arguments":{"page":1,"limit":%d}}`, limit)
}

// ReadOutput returns the params of a call of get_task_output.
func ReadOutput(taskID string, offset int) string {
	return fmt.Sprintf(`{"name":"get_task_output","arguments":{"task_id":%q,"offset":%d}}`, taskID, offset)
}

// head is how a reply begins that mcp-go writes. A client would decode all of
// it; here that would take the time that is to be measured.
var head = regexp.MustCompile(`^\{"jsonrpc":"2\.0","id":(\d+),`)

// replyID returns the id of a reply, nothing for a notification.
func replyID(line []byte) string {
	if found := head.FindSubmatch(line[:min(len(line), 80)]); found != nil {
		return string(found[1])
	}
	return ""
}

// ErrRefused says that a reply is an error, of the protocol or of the tool.
var ErrRefused = errors.New("refused")

// fault returns an error for a reply that is one.
func fault(reply []byte) error {
	start := reply[:min(len(reply), 200)]
	end := reply[max(0, len(reply)-200):]
	if bytes.Contains(start, []byte(`"error":`)) || bytes.Contains(end, []byte(`"isError":true`)) {
		return fmt.Errorf("%w: %s", ErrRefused, start)
	}
	return nil
}
