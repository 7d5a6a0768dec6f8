// The file is embedded in the binary; what is imported is its path.
declare module '*/standalone.js' {
  const path: string
  export default path
}
