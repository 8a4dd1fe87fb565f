/** The interop tests alone; `npm test` leaves them out. */
export default {
  files: ['dist/test/interop/**/*.test.js'],
  timeout: '900s',
  concurrency: 1,
  workerThreads: false,
}
