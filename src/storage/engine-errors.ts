// Recognizes the errors of the engine that stores the data. Its codes are known in its own folder alone.

export { isDiskFullInEngine, isEngineError, isUniqueViolation } from './sqlite/engine-errors'
