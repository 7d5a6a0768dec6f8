// What the writer's thread runs in tests: the real one, and a write that is bad for it.

import '../../../../src/server/workers/writer'
import './break-down'
