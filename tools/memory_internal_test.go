package tools

import (
	"context"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

func TestMemoryIsBoundedAndKeepsWhatIsInUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var m memory
		key := func(n int) memoryKey { return memoryKey{"me", strconv.Itoa(n)} }
		old := memoryKey{"me", "old"}
		m.askOnce(old)
		_, leave := m.enter(withArrival(context.Background(), time.Now()), key(0), false)
		time.Sleep(rememberedFor)
		for n := 1; n < mostRemembered-1; n++ {
			m.askOnce(key(n))
		}
		if m.askOnce(key(-1)); m.tasks[old] != nil || m.askOnce(key(1)) {
			t.Error("the oldest was not what was forgotten")
		}
		for n := range mostRemembered {
			m.askOnce(key(mostRemembered + n))
		}
		if len(m.tasks) > mostRemembered || m.tasks[key(0)] == nil {
			t.Errorf("%d tasks are remembered, that of a waiting call: %v", len(m.tasks), m.tasks[key(0)])
		}
		leave()
	})
}
