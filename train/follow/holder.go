package follow

import (
	"errors"
	"fmt"

	"alexnet/train"
)

// WatchOnly is why a followed run takes no commands, where no more is known of who trains
// it.
const WatchOnly = "This run can only be watched."

// trainer is the process that trains a followed run.
type trainer struct {
	train.Holder
	known bool
	holds bool // it is one of this machine and has the run's lock
}

// findTrainer looks who trains the run; alive says whether its lock is held. Of a run on a
// mounted folder, which shows no locks of its server, the lock tells the name all the same.
func (f *Follower) findTrainer(alive bool) {
	h, ok := train.HolderOf(f.path)
	if ok && f.trainer.known && h == f.trainer.Holder && alive == f.trainer.holds {
		return // its files have been looked through
	}
	f.trainer = trainer{Holder: h, known: ok, holds: ok && alive && h.Holds(f.path)}
}

// watchOnly says why the run takes no commands and who trains it, and whether it can be
// stopped all the same.
func (f *Follower) watchOnly(live bool) (why string, stoppable bool) {
	t := &f.trainer
	switch {
	case !live || !t.known:
		return WatchOnly, false
	case t.Interrupted():
		return fmt.Sprintf("Process %d was told to stop: it finishes its step, writes a checkpoint and ends.", t.PID), false
	case t.holds:
		return fmt.Sprintf("Process %d on this machine (%s) trains this run. Here it can be watched, and stopped with a checkpoint.", t.PID, t.Host), true
	case t.Host == "":
		return fmt.Sprintf("Process %d trains this run. Here it can only be watched: Ctrl-C where it was started stops it with a checkpoint.", t.PID), false
	}
	return fmt.Sprintf("Process %d on the machine %s trains this run. Here it can only be watched: kill -INT %[1]d there, or Ctrl-C, stops it with a checkpoint.", t.PID, t.Host), false
}

// Stop tells the process that trains the run to stop with a checkpoint, if it is one of this
// machine. The snapshots to come say so, and that the run has stopped.
func (f *Follower) Stop() error {
	h, ok := train.HolderOf(f.path)
	if !ok {
		return errors.New(WatchOnly)
	}
	return h.Interrupt(f.path)
}
