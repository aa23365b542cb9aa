"""A saved model in fewer bytes or for another runtime: ONNX, TFLite, C; each scored before it is offered."""
