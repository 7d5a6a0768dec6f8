// The entry of the writer's worker.

import * as operations from '../named-operations'
import { runWriter } from './run-writer'

runWriter(Object.values(operations))
