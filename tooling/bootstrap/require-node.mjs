// Imported first, and written so that even an old Node can read it: it says what to do instead of a
// syntax error. What is installed afterwards brings the Node that runs the project itself.
const major = Number(process.versions.node.split('.')[0])
if (major < 18) {
  console.error(
    `Aquifer needs Node 18 or newer to begin, and this is ${process.version} (${process.execPath}). ` +
      'Install a newer Node from https://nodejs.org and try again.',
  )
  process.exit(1)
}
