// The interactive reference of the API, from the OpenAPI document of this server.
window.SwaggerUIBundle({
  url: document.getElementById("api-docs").dataset.openapi,
  dom_id: "#api-docs",
  deepLinking: true,
  validatorUrl: null,
  queryConfigEnabled: false,
});
