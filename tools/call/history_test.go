package call

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestHistoryIsBoundedAndKeepsWhatIsInUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var h History
		key := func(n int) Key { return Key{"me", strconv.Itoa(n)} }
		old := Key{"me", "old"}
		h.AskOnce(old)
		_, leave := h.Enter((&Call{arrival: time.Now()}).in(context.Background()), key(0), false)
		time.Sleep(historyLife)
		for n := 1; n < maxHistory-1; n++ {
			h.AskOnce(key(n))
		}
		if h.AskOnce(key(-1)); h.tasks[old] != nil || h.AskOnce(key(1)) {
			t.Error("the oldest was not what was forgotten")
		}
		for n := range maxHistory {
			h.AskOnce(key(maxHistory + n))
		}
		if len(h.tasks) > maxHistory || h.tasks[key(0)] == nil {
			t.Errorf("%d tasks are remembered, that of a waiting call: %v", len(h.tasks), h.tasks[key(0)])
		}
		leave()
	})
}
