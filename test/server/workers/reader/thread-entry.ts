// What the reader's thread runs in tests: the real one, and reads for tests.

import '../../../../src/server/workers/reader'
import './queries'
