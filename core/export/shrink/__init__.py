"""A saved model in fewer bytes, or for another runtime: ONNX, TFLite, a C header; each scored before it is offered."""
