// What the writer's thread runs in tests: the real writes, and one that is bad for it.

import * as operations from '../../../../src/server/named-operations'
import { runWriter } from '../../../../src/server/workers/run-writer'
import * as breakDown from './break-down'

runWriter([...Object.values(operations), breakDown])
