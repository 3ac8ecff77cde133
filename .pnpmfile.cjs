// The docs page serves one prebuilt file of @scalar/api-reference; its 250 build-time dependencies are not installed.
module.exports = {
  hooks: {
    readPackage(manifest) {
      if (manifest.name === '@scalar/api-reference') manifest.dependencies = {}
      return manifest
    },
  },
}
