from django.urls import path

from multitask.accounts.api import views

urlpatterns = [
    path("auth/register/", views.RegisterView.as_view(), name="auth-register"),
    path("auth/login/", views.LoginView.as_view(), name="auth-login"),
    path("auth/user/", views.OwnAccountView.as_view(), name="auth-user"),
]
