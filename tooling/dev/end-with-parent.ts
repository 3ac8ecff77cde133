// Loaded into each app before its own code. The apps end in good order when the channel to their
// parent closes, but only from the moment they listen; a parent that is killed while they still
// load would leave them running for ever.
process.once('disconnect', () => {
  if (process.listenerCount('SIGTERM') === 0) process.exit(1)
})
