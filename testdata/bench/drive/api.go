package drive

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Key is the API key that an [API] is asked with.
const Key = "app-bench"

// An API answers list-tasks with pages that were made beforehand, and get-task with
// one large output, so that it costs next to nothing itself.
type API struct {
	*httptest.Server
	delay time.Duration
	pages map[string][]byte // by limit
	large []byte            // a task but for its id
}

// NewAPI serves pages of one task and of a hundred, each task with an output of
// 4 KB, after delay. It ends by Close.
func NewAPI(delay time.Duration) *API {
	a := &API{delay: delay, pages: map[string][]byte{}}
	for _, limit := range []int{1, 100} {
		a.pages[strconv.Itoa(limit)] = page(limit)
	}
	a.Server = httptest.NewServer(a)
	return a
}

// Env is the environment of a server that works with the API.
func (a *API) Env() []string {
	return []string{"BROWSERACT_API_URL=" + a.URL, "BROWSERACT_API_KEY=" + Key}
}

// SetLarge makes each task that get-task is asked for one that has finished with
// this output.
func (a *API) SetLarge(output string) {
	task := task(0)
	delete(task, "id")
	task["output"] = map[string]any{"string": output}
	a.large, _ = json.Marshal(task) // strings and numbers
}

// TaskBody is what get-task answers.
func (a *API) TaskBody(id string) []byte {
	return slices.Concat([]byte(`{"id":"`+id+`",`), a.large[1:])
}

// body is the answer to a request, nil for one that is not known.
func (a *API) body(r *http.Request) []byte {
	switch query := r.URL.Query(); {
	case r.Header.Get("Authorization") != "Bearer "+Key:
		return nil
	case r.URL.Path == "/v2/workflow/list-tasks":
		return a.pages[query.Get("limit")]
	case r.URL.Path == "/v2/workflow/get-task" && a.large != nil:
		return a.TaskBody(query.Get("task_id"))
	}
	return nil
}

// ServeHTTP answers list-tasks and get-task.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := a.body(r)
	if body == nil {
		http.NotFound(w, r)
		return
	}
	select {
	case <-time.After(a.delay):
	case <-r.Context().Done():
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(body)
}

// FirstTask returns the id of the task that stands first on every page.
func FirstTask() string { return taskID(0) }

// LastTask returns the id of the task that stands last on a page of limit tasks.
func LastTask(limit int) string { return taskID(limit - 1) }

func taskID(i int) string { return strconv.Itoa(100200300400500600 + i) }

func page(limit int) []byte {
	items := make([]map[string]any, limit)
	for i := range items {
		items[i] = task(i)
	}
	body, _ := json.Marshal(map[string]any{ // strings and numbers
		"page": 1, "limit": limit, "total_pages": 1, "total_count": limit, "items": items,
	})
	return body
}

// task is a task as list-tasks returns it.
func task(i int) map[string]any {
	return map[string]any{
		"id": taskID(i), "workflow_id": "90284769428414983", "status": "finished",
		"created_at": "2026-11-20T09:54:10Z", "finished_at": "2026-11-20T09:56:31Z", "credit": 31,
		"input_parameters": "keywords=coffee shops;country=Portugal",
		"output":           map[string]any{"string": rows(i), "files": []string{}},
		"live_url_info":    nil, "task_failure_info": nil, "profile_id": nil,
	}
}

// rows is an output of 4 KB: an array of flat objects, as a scraper writes it.
func rows(i int) string {
	const size = 4 << 10
	var b strings.Builder
	b.WriteByte('[')
	for row := 0; b.Len() < size-150; row++ {
		if row > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"Café No. %d","rating":%d.%d,"reviews":%d,"url":"https://shop.example.com/place/%d","open":true}`,
			row, row%5, i%10, row*i, i*1000+row)
	}
	b.WriteByte(']')
	return b.String()
}
