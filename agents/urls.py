"""Addresses of the chat's pages."""

from django.urls import path

from agents.views import ChatView

urlpatterns = [
    path("", ChatView.as_view(), name="chat"),
]
